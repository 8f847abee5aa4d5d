"""Draws, reconstructions and interpolation of the VAE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from models.families.vae import BETAS, kl_divergence, reparameterize
from models.parts.losses import rmse
from models.procedures.vae import (
    VAEDecoder,
    VAEEncoder,
    VAEInterpolation,
    VAEReconstruction,
    VAESampler,
)
from models.procedures.vae_plane import MARGIN, VAEPlane
from models.procedures.vae_rates import VAERates
from models.runtime.errors import RequestError
from models.runtime.randomness import noise
from tests.models.tiny import pictures, together

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


def test_every_procedure_acts_at_the_beta_it_is_asked_for(vae: VAE) -> None:
    images, betas = pictures(2), torch.full((2,), 30.0)
    mu, logvar = vae.encode(images, betas)
    view = VAEEncoder(vae).run(VAEEncoder(vae).request(images=images, beta=30.0))
    assert torch.allclose(view.extras["mu"], mu, atol=1e-5)
    assert torch.allclose(view.extras["logvar"], logvar, atol=1e-5)
    z = view.extras["z"]
    decoded = VAEDecoder(vae).run(VAEDecoder(vae).request(latents=z, beta=30.0)).images
    assert torch.allclose(decoded, vae.decode(z, betas).clamp(-1, 1), atol=1e-5)
    walk = VAEInterpolation(vae)
    ends = walk.run(walk.request(images=images, points=2, beta=30.0)).images
    assert torch.allclose(ends, vae.decode(mu, betas).clamp(-1, 1), atol=1e-5)


def test_draws_of_different_betas_share_a_batch(vae: VAE) -> None:
    sampler = VAESampler(vae)
    requests = [sampler.request(n=2, seed=1, beta=beta) for beta in (0.5, 50.0)]
    alone = [sampler.run(request).images for request in requests]
    for one, other in zip(together(sampler, requests), alone, strict=True):
        assert torch.allclose(one.images, other, atol=1e-5)
    assert (alone[0] - alone[1]).abs().max() > 1e-3


def test_rates_and_distortions_are_those_of_each_beta(vae: VAE) -> None:
    sampler, images = VAERates(vae), pictures(2)
    request = sampler.request(seed=4, images=images, beta=3.0, points=5)
    extras = sampler.run(request).extras
    assert extras["betas"][[0, -1]].tolist() == pytest.approx(list(BETAS), rel=1e-4)
    betas = [3.0, *extras["betas"].tolist()]
    rates = [extras["rate"], *extras["rates"].tolist()]
    distortions = [extras["rmse"], *extras["distortions"].tolist()]
    for beta, rate, distortion in zip(betas, rates, distortions, strict=True):
        each = torch.full((2,), beta)
        mu, logvar = vae.encode(images, each)
        assert rate == pytest.approx(kl_divergence(mu, logvar).mean().item(), rel=1e-4)
        z = reparameterize(mu, logvar, noise(request, 8))
        error = rmse(vae.decode(z, each).clamp(-1, 1), images).square().mean().sqrt()
        assert distortion == pytest.approx(error.item(), rel=1e-4)
    assert extras["nats"].sum().item() == pytest.approx(extras["rate"], rel=1e-5)


def test_the_images_of_the_curve_are_reconstructions(vae: VAE) -> None:
    sampler, images = VAERates(vae), pictures(2)
    view = sampler.run(sampler.request(seed=4, images=images, beta=3.0, points=3))
    plain = VAEReconstruction(vae)
    expected = plain.run(plain.request(seed=4, images=images, beta=3.0)).images
    assert torch.allclose(view.images, expected, atol=1e-5)


def test_a_corner_of_the_plane_decodes_to_its_face(vae: VAE) -> None:
    sampler, images = VAEPlane(vae), pictures(5)
    places = sampler.run(sampler.request(images=images)).extras["places"]
    assert places.shape == (5, 2)
    mu, _ = vae.encode(images, torch.ones(5))
    for corner in range(3):
        x, y = places[corner].tolist()
        view = sampler.run(sampler.request(images=images, x=x, y=y))
        expected = vae.decode(mu[corner, None], torch.ones(1)).clamp(-1, 1)
        assert view.images.shape == (1, 3, 64, 64)
        assert torch.allclose(view.images, expected, atol=1e-4)
        assert view.extras["shares"].tolist() == pytest.approx(
            [float(i == corner) for i in range(3)], abs=1e-4
        )
        assert view.extras["distances"].argmin() == corner
        assert view.extras["distances"][corner] < 1e-3


def test_a_map_holds_the_corners_in_its_middle(vae: VAE) -> None:
    sampler = VAEPlane(vae)
    places = sampler.run(sampler.request(images=pictures(3))).extras["places"]
    low, high = places.amin(0), places.amax(0)
    assert torch.allclose(low, -high, atol=1e-5)
    assert high.max().item() == pytest.approx(1 / MARGIN)


def test_three_times_the_same_face_are_a_plane_of_one_face(vae: VAE) -> None:
    sampler = VAEPlane(vae)
    view = sampler.run(sampler.request(images=pictures(1).repeat(3, 1, 1, 1), x=0.7, y=-0.2))
    mu, _ = vae.encode(pictures(1), torch.ones(1))
    assert torch.allclose(view.images, vae.decode(mu, torch.ones(1)).clamp(-1, 1), atol=1e-4)
    assert view.extras["places"].isfinite().all()
    assert view.extras["shares"].isfinite().all()


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
        (VAEPlane, {"images": torch.zeros(2, 3, 64, 64)}, "n"),
        (VAEPlane, {"images": torch.zeros(3, 3, 64, 64), "x": 1.5}, "x"),
        (VAEPlane, {}, "images"),
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
