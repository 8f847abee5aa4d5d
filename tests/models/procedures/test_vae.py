"""Draws, reconstructions and interpolation of the VAE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from models.procedures.vae import (
    VAEDecoder,
    VAEEncoder,
    VAEInterpolation,
    VAEReconstruction,
    VAESampler,
)
from models.runtime.errors import RequestError
from models.runtime.randomness import noise
from tests.models.tiny import pictures

if TYPE_CHECKING:
    from models.families.vae import VAE

pytestmark = pytest.mark.usefixtures("exact")


def test_reconstruction_goes_mu_sigma_z_image(vae: VAE) -> None:
    sampler = VAEReconstruction(vae)
    request = sampler.request(seed=4, images=pictures(2))
    state = sampler.start(request)
    known = []
    while not state.done:
        sampler.step([state])
        known.append(set(sampler.preview(state).extras))
    assert known[0] == {"originals", "mu", "logvar", "sigma"}
    assert known[1] == known[0] | {"z"}
    assert known[2] == known[1] | {"rmse"}
    extras = sampler.finish(state).extras
    expected = extras["mu"] + extras["sigma"] * noise(request, 8)
    assert torch.allclose(extras["z"], expected)
    assert torch.allclose(
        sampler.finish(state).images, vae.decode(expected, torch.ones(2)).clamp(-1, 1)
    )


def test_interpolation_begins_and_ends_at_the_means(vae: VAE) -> None:
    images = pictures(2)
    view = VAEInterpolation(vae).run(VAEInterpolation(vae).request(images=images, points=5))
    assert len(view.images) == 5
    mu, _ = vae.encode(images, torch.ones(2))
    ends = vae.decode(mu, torch.ones(2)).clamp(-1, 1)
    assert torch.allclose(view.images[[0, -1]], ends, atol=1e-5)
    assert torch.allclose(view.extras["z"][2], mu.mean(0), atol=1e-5)


def test_temperature_scales_the_prior(vae: VAE) -> None:
    cold = VAESampler(vae).run(VAESampler(vae).request(n=2, seed=1, temperature=0.5)).extras["z"]
    assert torch.allclose(
        cold, 0.5 * VAESampler(vae).run(VAESampler(vae).request(n=2, seed=1)).extras["z"]
    )


def test_decoding_what_was_encoded_is_reconstruction(vae: VAE) -> None:
    request = VAEEncoder(vae).request(seed=3, images=pictures(2))
    z = VAEEncoder(vae).run(request).extras["z"]
    decoded = VAEDecoder(vae).run(VAEDecoder(vae).request(latents=z)).images
    assert torch.allclose(decoded, VAEReconstruction(vae).run(request).images, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "values", "name"),
    [
        (VAEReconstruction, {}, "images"),
        (VAEReconstruction, {"images": torch.zeros(1, 3, 32, 32)}, "images"),
        (VAEInterpolation, {"images": torch.zeros(1, 3, 64, 64)}, "images"),
        (VAEInterpolation, {"images": torch.zeros(2, 3, 64, 64), "points": 1}, "points"),
        (VAEDecoder, {"latents": torch.zeros(1, 7)}, "latents"),
        (VAEDecoder, {"images": torch.zeros(1, 3, 64, 64)}, "images"),
        (VAEDecoder, {}, "latents"),
        (VAESampler, {"temperature": 2.5}, "temperature"),
        (VAESampler, {"beta": BETAS[0] / 2}, "beta"),
        (VAEReconstruction, {"images": torch.zeros(1, 3, 64, 64), "beta": 1e9}, "beta"),
        (VAERates, {"images": torch.zeros(1, 3, 64, 64), "points": 1}, "points"),
        (VAERates, {}, "images"),
        (VAESampler, {"temperature": float("nan")}, "temperature"),
    ],
)
def test_bad_requests_are_refused_by_name(
    vae: VAE, kind: type[Any], values: dict[str, Any], name: str
) -> None:
    sampler = kind(vae)
    with pytest.raises(RequestError) as refusal:
        sampler.start(sampler.request(**values))
    assert refusal.value.name == name
