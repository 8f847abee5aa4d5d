"""The variational bound's parts, and the VAE's procedures."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from models.families import vae as family
from models.families.vae import (
    BETAS,
    VAE,
    elbo,
    in_use,
    interpolate,
    reparameterize,
    sigma_vae_loss,
)
from models.parts.losses import gaussian_kl
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
    mu, logvar = vae.encode(pictures(2) * 1e4, torch.ones(2))
    assert mu.shape == logvar.shape == (2, 8)
    assert logvar.min() >= -12
    assert logvar.max() <= 4
    assert vae.decode(mu, torch.ones(2)).shape == (2, 3, 64, 64)


def test_beta_changes_what_is_encoded_and_what_is_decoded(vae: VAE) -> None:
    one = torch.ones(2)
    for other in (torch.full((2,), bound) for bound in BETAS):
        for a, b in zip(vae.encode(pictures(2), one), vae.encode(pictures(2), other), strict=True):
            assert (a - b).abs().max() > 1e-3
        z = torch.randn(2, 8)
        assert (vae.decode(z, one) - vae.decode(z, other)).abs().max() > 1e-3


def test_untrained_all_betas_are_alike() -> None:
    """Modulation starts as none, so that a network of one beta can be trained on."""
    vae = VAE(latent=8, widths=(8, 8, 8))
    for linear in (vae.modulate_moments, vae.modulate_code):
        assert not linear.weight.any()
        assert not linear.bias.any()


@pytest.mark.usefixtures("exact")
def test_images_of_several_betas_in_one_batch_are_those_of_each_alone(vae: VAE) -> None:
    images, betas = pictures(3), torch.tensor([BETAS[0], 1.0, BETAS[1]])
    z = torch.randn(3, 8)
    together = (*vae.encode(images, betas), vae.decode(z, betas))
    for i in range(3):
        row = slice(i, i + 1)
        alone = (*vae.encode(images[row], betas[row]), vae.decode(z[row], betas[row]))
        for one, all_ in zip(alone, together, strict=True):
            assert torch.allclose(one, all_[row], atol=1e-5)


def test_the_whole_way_is_encode_sample_decode(vae: VAE) -> None:
    images, betas, epsilon = pictures(2), torch.tensor([0.5, 50.0]), torch.randn(2, 8)
    rebuilt, mu, logvar = vae(images, betas, epsilon)
    assert torch.equal(rebuilt, vae.decode(reparameterize(mu, logvar, epsilon), betas))
    assert torch.equal(mu, vae.encode(images, betas)[0])


def test_what_each_dimension_says_adds_up_to_the_divergence() -> None:
    mu, logvar = torch.randn(6, 5), torch.randn(6, 5)
    each = gaussian_kl(mu, logvar)
    assert torch.allclose(each.sum(1), family.kl_divergence(mu, logvar))


def test_a_dimension_that_says_nothing_is_not_in_use() -> None:
    nats = torch.tensor([0.0, family.SILENT / 2, 2 * family.SILENT, 3.0])
    assert int(in_use(nats)) == 2


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
    best = (images - rebuilt).square().flatten(1).mean(1)
    values = images[0].numel()

    def loss(i: int, factor: float = 1.0) -> float:
        row = slice(i, i + 1)
        bound = elbo(images[row], rebuilt[row], factor * best[i], mu[row], logvar[row])
        return -bound.item() / values

    constant = 0.5 * (1 + math.log(2 * math.pi))
    for i, told in enumerate(sigma_vae_loss(images, rebuilt, mu, logvar).tolist()):
        assert told + constant == pytest.approx(loss(i), rel=1e-5)
        assert loss(i) < min(loss(i, 1.05), loss(i, 1 / 1.05))


def test_the_divergence_may_weigh_less_and_for_each_image_something_else() -> None:
    images, rebuilt = pictures(3, 8), pictures(3, 8, seed=1)
    mu, logvar = torch.ones(3, 5), torch.zeros(3, 5)
    none = sigma_vae_loss(images, rebuilt, mu, logvar, 0.0)
    betas = torch.tensor([0.5, 1.0, 200.0])
    more = sigma_vae_loss(images, rebuilt, mu, logvar, betas) - none
    assert torch.allclose(more, betas * 2.5 / images[0].numel(), atol=1e-6)
