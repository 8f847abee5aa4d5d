"""Straight paths from image to noise, and Euler's steps back along them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.families.flow_matching import StraightPath, euler_step, straight_loss
from tests.models.tiny import pictures

PATH = StraightPath()


def at(t: float, n: int) -> Tensor:
    return torch.full((n,), t)


def test_a_path_begins_at_the_image_and_ends_at_the_noise() -> None:
    x0, epsilon = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    assert torch.equal(PATH.add_noise(x0, epsilon, at(0, 2)), x0)
    assert torch.equal(PATH.add_noise(x0, epsilon, at(1, 2)), epsilon)
    middle = PATH.add_noise(x0, epsilon, torch.tensor([0.5, 0.25]))
    assert torch.allclose(middle[0], (x0[0] + epsilon[0]) / 2)
    assert torch.allclose(middle[1], 0.75 * x0[1] + 0.25 * epsilon[1])


def test_the_velocity_is_the_same_all_the_way() -> None:
    x0, epsilon = torch.randn(9, 3, 4, 4), torch.randn(9, 3, 4, 4)
    t = torch.linspace(0.05, 1, 9)
    x = PATH.add_noise(x0, epsilon, t)
    assert torch.allclose(PATH.velocity(x, x0, t), epsilon - x0, atol=1e-5)


def test_an_euler_step_stays_on_the_path() -> None:
    x0, epsilon = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    t, s = torch.tensor([0.9, 0.4]), torch.tensor([0.3, 0.1])
    there = euler_step(PATH, PATH.add_noise(x0, epsilon, t), x0, t, s)
    assert torch.allclose(there, PATH.add_noise(x0, epsilon, s), atol=1e-5)


def test_an_euler_step_to_the_end_lands_on_the_predicted_image() -> None:
    x, predicted = torch.randn(3, 1, 4, 4), torch.randn(3, 1, 4, 4)
    end = euler_step(PATH, x, predicted, torch.tensor([1.0, 0.5, 0.05]), at(0, 3))
    assert torch.allclose(end, predicted, atol=1e-6)


def test_a_perfect_network_loses_nothing() -> None:
    x0 = pictures(4, 8)
    t = torch.tensor([0.01, 0.3, 0.7, 1.0])
    assert straight_loss(lambda x, t: x0, x0, torch.randn_like(x0), t).item() == 0


def test_the_straight_loss_is_the_velocity_s_error() -> None:
    x0, guess, t = pictures(4), pictures(4, seed=1), torch.tensor([0.06, 0.3, 0.7, 1.0])
    epsilon, path = torch.randn_like(x0), StraightPath()
    x = path.add_noise(x0, epsilon, t)
    error = path.velocity(x, guess, t) - (epsilon - x0)
    loss = straight_loss(lambda x, t: guess, x0, epsilon, t)
    assert loss.item() == pytest.approx(error.square().mean().item(), rel=1e-4)


def test_the_straight_loss_is_bounded_close_to_the_image() -> None:
    x0, guess = pictures(4, 8), pictures(4, 8, seed=1)
    at_bound, closer = (
        straight_loss(lambda x, t: guess, x0, torch.randn_like(x0), torch.full((4,), t))
        for t in (0.05, 0.001)
    )
    expected = 400 * (guess - x0).square().mean().item()
    assert at_bound.item() == pytest.approx(expected, rel=1e-4)
    assert closer.item() == pytest.approx(expected, rel=1e-4)
