"""The variational bound's parts, and the VAE's procedures."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from models.families import vae as family
from models.families.vae import VAE, elbo, interpolate, reparameterize, sigma_vae_loss
from tests.models.tiny import pictures


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


def test_interpolated_latents_are_evenly_spaced() -> None:
    a, b = torch.randn(2, 6)
    points = interpolate(a, b, 5)
    assert torch.equal(points[[0, -1]], torch.stack([a, b]))
    assert torch.allclose(points.diff(dim=0), ((b - a) / 4).expand(4, -1), atol=1e-6)


def test_shapes_and_bounded_variance(vae: VAE) -> None:
    mu, logvar = vae.encode(pictures(2) * 1e4)
    assert mu.shape == logvar.shape == (2, 8)
    assert logvar.min() >= -12
    assert logvar.max() <= 4
    assert vae.decode(mu).shape == (2, 3, 64, 64)


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
