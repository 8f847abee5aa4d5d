"""Diffusion in the latent space and its attention maps."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from models.families.latent_diffusion import sensitivity
from models.parts.autoencoder import Autoencoder
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.parts.losses import rmse
from models.procedures.latent_diffusion import LatentAutoencoding, LatentDiffusionSampler
from tests.models.tiny import pictures, randomized

pytestmark = pytest.mark.usefixtures("exact")

PROMPT = "a smiling Dragon with a red afro"


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    autoencoder = randomized(Autoencoder(widths=(8, 16)))
    autoencoder.to_rgb.copy_(torch.randn(5, 3, generator=torch.Generator().manual_seed(0)))
    return autoencoder


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
    assert view.extras["latent"].shape == view.extras["latent_x0"].shape == (2, 3, 16, 16)
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
    assert view.extras["latent"].shape == (2, 3, 16, 16)


def test_autoencoding_needs_128_pixels(autoencoder: Autoencoder) -> None:
    with pytest.raises(ValueError, match="3, 128, 128"):
        LatentAutoencoding(autoencoder).start(
            LatentAutoencoding(autoencoder).request(images=pictures(1))
        )


class Louder(nn.Module):
    """A decoder that is twice as loud in the upper half and silent at one place."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.ones(4, 4)
        self.gain[:2] = 2
        self.gain[3, 3] = 0

    def decode(self, z: Tensor) -> Tensor:
        """[n, 2, 4, 4] → [n, 2, 32, 32]."""
        return (z * self.gain).repeat_interleave(8, 2).repeat_interleave(8, 3)


def test_places_weigh_what_their_change_changes_in_the_image() -> None:
    decoder = Louder()
    probe = torch.randn(4000, 2, 32, 32)
    weight = sensitivity(decoder.decode, torch.randn(4000, 2, 4, 4), probe)
    assert weight.shape == (4000, 1, 4, 4)
    assert torch.allclose(weight.mean((2, 3)), torch.ones(4000, 1), atol=1e-5)
    mean = weight.mean(0)[0]
    expected = decoder.gain.square() / decoder.gain.square().mean()
    assert torch.allclose(mean, expected, atol=0.1)
    assert mean[3, 3] == 0


def test_the_decoder_s_own_jacobian_is_estimated_without_bias() -> None:
    autoencoder = randomized(Autoencoder(widths=(8, 8)))
    z = torch.randn(1, 4, 2, 2)
    jacobian = torch.autograd.functional.jacobian(autoencoder.decode, z)
    exact = jacobian.square().sum((0, 1, 2, 3, 4, 5))
    probe = torch.randn(3000, 3, 16, 16)
    weight = sensitivity(autoencoder.decode, z.expand(3000, -1, -1, -1), probe).mean(0)[0]
    # Normalized one by one, so that the mean of ratios is near the ratio of means.
    assert torch.allclose(weight, exact / exact.mean(), rtol=0.25)
    assert not weight.requires_grad
