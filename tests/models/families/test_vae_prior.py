"""The rectified flow over the VAE's latents."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models.families.vae_prior import VAEPrior, euler_step, flow_loss
from tests.models.tiny import Straight, randomized


def test_the_true_velocity_costs_nothing() -> None:
    code, epsilon, t = torch.randn(6), torch.randn(5, 6), torch.rand(5) * 0.9 + 0.1
    z = code.expand(5, -1)
    assert flow_loss(Straight(code), z, epsilon, t).item() == pytest.approx(0, abs=1e-9)
    untrained = VAEPrior(latent=6, dim=8, blocks=1)
    nn.init.zeros_(untrained.out.bias)
    expected = (epsilon - z).square().mean()  # it starts by predicting no movement
    assert torch.allclose(flow_loss(untrained, z, epsilon, t), expected)


def test_the_velocity_depends_on_point_and_time() -> None:
    prior = randomized(VAEPrior(latent=6, dim=16, blocks=2))
    z, t = torch.randn(4, 6), torch.rand(4)
    assert prior(z, t).shape == (4, 6)
    assert (prior(z, t) - prior(z + 1, t)).abs().max() > 1e-3
    assert (prior(z, t) - prior(z, t / 2)).abs().max() > 1e-3


def test_a_step_follows_the_velocity_for_its_length() -> None:
    prior = randomized(VAEPrior(latent=4, dim=8, blocks=1))
    z, t, length = torch.randn(3, 4), torch.tensor([1.0, 0.5, 0.2]), torch.tensor([0.5, 0.1, 0.2])
    stepped = euler_step(prior, z, t, length)
    assert torch.allclose((z - stepped) / length[:, None], prior(z, t), atol=1e-5)


def test_euler_s_steps_along_a_straight_line_land_on_it() -> None:
    code, z = torch.randn(6), torch.randn(3, 6)
    t, length = torch.tensor([1.0, 0.5, 0.2]), torch.tensor([0.25, 0.5, 0.1])
    left = ((t - length) / t)[:, None]
    there = euler_step(Straight(code), z, t, length)
    assert torch.allclose(there, torch.lerp(code.expand_as(z), z, left), atol=1e-5)
