"""Errors of reconstructions."""

from __future__ import annotations

import pytest
import torch

from models.parts.losses import gaussian_kl, laplacian_pyramid_loss, rmse
from tests.models.tiny import pictures


def test_equal_images_cost_nothing() -> None:
    assert laplacian_pyramid_loss(pictures(2), pictures(2)) == 0


def test_a_constant_difference_lives_in_the_last_level() -> None:
    images = pictures(2) / 2
    assert laplacian_pyramid_loss(images + 0.25, images).item() == pytest.approx(0.25, abs=1e-5)


def test_a_fine_difference_lives_in_the_first_level() -> None:
    checkers = torch.ones(1, 3, 16, 16)
    checkers[..., ::2, ::2] = checkers[..., 1::2, 1::2] = -1
    assert laplacian_pyramid_loss(checkers, torch.zeros(1, 3, 16, 16)).item() == pytest.approx(1)


def test_rmse_counts_in_steps_of_8_bits() -> None:
    images = torch.zeros(2, 3, 4, 4)
    images[1] = 10 / 127.5
    assert torch.allclose(rmse(images, torch.zeros(2, 3, 4, 4)), torch.tensor([0.0, 10.0]))


def test_the_divergence_of_each_value_is_that_of_two_normals() -> None:
    mu, logvar = torch.randn(3, 4), torch.randn(3, 4)
    posterior = torch.distributions.Normal(mu, (0.5 * logvar).exp())
    prior = torch.distributions.Normal(torch.zeros(4), torch.ones(4))
    expected = torch.distributions.kl_divergence(posterior, prior)
    assert torch.allclose(gaussian_kl(mu, logvar), expected, atol=1e-6)
