"""Prompt to latent to image, and the autoencoder alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.parts.losses import rmse
from models.procedures.latent_diffusion import LatentAutoencoding, LatentDiffusionSampler
from tests.models.tiny import pictures, randomized

if TYPE_CHECKING:
    from models.parts.autoencoder import Autoencoder

pytestmark = pytest.mark.usefixtures("exact")

PROMPT = "a smiling Dragon with a red afro"


@pytest.fixture(scope="module")
def sampler(autoencoder: Autoencoder) -> LatentDiffusionSampler:
    net = randomized(Denoiser(channels=4, patch=1, width=8, dim=16, layers=2))
    return LatentDiffusionSampler(net, randomized(CLIP()), autoencoder)


def test_the_image_is_the_decoded_latent(
    sampler: LatentDiffusionSampler, autoencoder: Autoencoder
) -> None:
    state = sampler.start(sampler.request(n=2, seed=1, prompt=PROMPT, num_steps=3))
    first = sampler.preview(state)
    assert torch.allclose(first.images, autoencoder.decode(state.x).clamp(-1, 1))
    while not state.done:
        sampler.step([state])
    view = sampler.finish(state)
    assert view.images.shape == (2, 3, 128, 128)
    assert torch.allclose(view.images, autoencoder.decode(state.x0).clamp(-1, 1))
    assert torch.equal(view.extras["latent"], state.x)
    assert (view.extras["t_before"], view.extras["t"]) == (333, 0)
    words = view.extras["words"]
    assert torch.equal(view.extras["tokens"], sampler.read(PROMPT)["tokens"][0, 1 : len(words) + 1])
    assert "attention" not in view.extras


def test_every_understood_word_has_a_map(sampler: LatentDiffusionSampler) -> None:
    request = sampler.request(n=2, prompt=PROMPT, num_steps=3, attention=True)
    state = sampler.start(request)
    assert "attention" not in sampler.preview(state).extras
    while not state.done:
        sampler.step([state])
        extras = sampler.preview(state).extras
        assert extras["words"] == ("a", "smiling", "with", "a", "red", "afro")
        maps = extras["attention"]
        assert maps.shape == (6, 16, 16)
        assert maps.amin((1, 2)).tolist() == [0] * 6
        assert torch.allclose(maps.amax((1, 2)), torch.ones(6), atol=1e-3)


def test_asking_for_maps_changes_no_image(sampler: LatentDiffusionSampler) -> None:
    plain = sampler.request(prompt=PROMPT, num_steps=3)
    looked = sampler.request(prompt=PROMPT, num_steps=3, attention=True)
    with torch.inference_mode():  # as the engine runs it: attention takes another path in training
        state = sampler.start(looked)
        while not state.done:
            sampler.step([state])
            sampler.preview(state)
        seen = sampler.finish(state)
    assert torch.equal(seen.images, sampler.run(plain).images)


def test_autoencoding_shows_latent_and_error(autoencoder: Autoencoder) -> None:
    faces = pictures(2, 128)
    view = LatentAutoencoding(autoencoder).run(
        LatentAutoencoding(autoencoder).request(n=2, images=faces)
    )
    expected = autoencoder.decode(autoencoder.encode(faces)).clamp(-1, 1)
    assert torch.allclose(view.images, expected, atol=1e-5)
    assert torch.allclose(view.extras["rmse"], rmse(view.images, faces))
    assert torch.equal(view.extras["originals"], faces)
    assert torch.equal(view.extras["latent"], autoencoder.encode(faces))


def test_autoencoding_needs_128_pixels(autoencoder: Autoencoder) -> None:
    with pytest.raises(ValueError, match="3, 128, 128"):
        LatentAutoencoding(autoencoder).start(
            LatentAutoencoding(autoencoder).request(images=pictures(1))
        )
