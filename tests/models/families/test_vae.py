"""The variational bound's parts, and the VAE's procedures."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from models.families import vae as family
from models.families.vae import VAE, elbo, reparameterize, sigma_vae_loss
from models.procedures.vae import (
    VAEDecoder,
    VAEEncoder,
    VAEInterpolation,
    VAEReconstruction,
    VAESampler,
)
from models.runtime.errors import RequestError
from models.runtime.randomness import noise
from tests.models.tiny import pictures, randomized

pytestmark = pytest.mark.usefixtures("exact")


@pytest.fixture(scope="module")
def vae() -> VAE:
    return randomized(VAE(latent=8, widths=(8, 16, 16)))


def test_kl_is_that_of_two_normals() -> None:
    mu, logvar = torch.randn(6, 5), torch.randn(6, 5)
    expected = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(1)
    assert torch.allclose(family.kl_divergence(mu, logvar), expected, atol=1e-5)


def test_kl_of_the_prior_is_zero() -> None:
    assert family.kl_divergence(torch.zeros(3, 5), torch.zeros(3, 5)).tolist() == [0, 0, 0]


def test_reparameterized_samples_have_the_posterior_s_moments_and_pass_gradients() -> None:
    mu = torch.tensor([0.5, -2.0], requires_grad=True)
    logvar = torch.tensor([-1.0, 0.7], requires_grad=True)
    epsilon = torch.randn(200_000, 2, generator=torch.Generator().manual_seed(0))
    z = reparameterize(mu, logvar, epsilon)
    assert torch.allclose(z.mean(0), mu, atol=0.02)
    assert torch.allclose(z.var(0), logvar.exp(), rtol=0.02)
    z.mean(0).sum().backward()
    assert mu.grad is not None
    assert logvar.grad is not None
    assert torch.allclose(mu.grad, torch.ones(2))


def test_shapes_and_bounded_variance(vae: VAE) -> None:
    mu, logvar = vae.encode(pictures(2) * 1e4)
    assert mu.shape == logvar.shape == (2, 8)
    assert logvar.min() >= -12
    assert logvar.max() <= 4
    assert vae.decode(mu).shape == (2, 3, 64, 64)


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
    assert torch.allclose(sampler.finish(state).images, vae.decode(expected).clamp(-1, 1))


def test_interpolation_begins_and_ends_at_the_means(vae: VAE) -> None:
    images = pictures(2)
    view = VAEInterpolation(vae).run(VAEInterpolation(vae).request(images=images, points=5))
    assert len(view.images) == 5
    mu, _ = vae.encode(images)
    ends = vae.decode(mu).clamp(-1, 1)
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


def test_the_bound_is_a_gaussian_s_log_density_minus_the_divergence() -> None:
    images, rebuilt = pictures(3, 8), pictures(3, 8, seed=1)
    mu, logvar, variance = torch.randn(3, 5), torch.randn(3, 5), torch.tensor(0.3)
    decoder = Normal(rebuilt, variance.sqrt())
    posterior = Normal(mu, (0.5 * logvar).exp())
    divergence = kl_divergence(posterior, Normal(torch.zeros(5), torch.ones(5))).sum(1)
    expected = decoder.log_prob(images).flatten(1).sum(1) - divergence
    assert torch.allclose(elbo(images, rebuilt, variance, mu, logvar), expected, rtol=1e-5)


def test_the_loss_is_the_bound_at_the_best_variance() -> None:
    images, rebuilt = pictures(3, 8), pictures(3, 8, seed=1)
    mu, logvar = torch.randn(3, 5), torch.randn(3, 5)
    best = (images - rebuilt).square().mean()
    values = images[0].numel()

    def loss(variance: torch.Tensor) -> float:
        return -elbo(images, rebuilt, variance, mu, logvar).mean().item() / values

    constant = 0.5 * (1 + math.log(2 * math.pi))
    told = sigma_vae_loss(images, rebuilt, mu, logvar).item()
    assert told + constant == pytest.approx(loss(best), rel=1e-5)
    assert loss(best) < min(loss(1.05 * best), loss(best / 1.05))


def test_the_divergence_may_weigh_less() -> None:
    images, rebuilt = pictures(3, 8), pictures(3, 8, seed=1)
    mu, logvar = torch.ones(3, 5), torch.zeros(3, 5)
    half, none = (sigma_vae_loss(images, rebuilt, mu, logvar, w).item() for w in (0.5, 0.0))
    assert half - none == pytest.approx(0.5 * 2.5 / images[0].numel(), rel=1e-3)
