"""Times that a denoiser is trained at, and the loss of straight paths."""

from __future__ import annotations

from statistics import NormalDist
from typing import cast

import pytest
import torch
from torch import Tensor

from models.families.flow_matching import StraightPath
from models.parts.denoiser import Denoiser
from models.training.denoising import (
    STRESS,
    Batch,
    logit_normal,
    straight_loss,
    stratified_times,
    stress_start,
)
from tests.models.parts.test_denoiser import text
from tests.models.tiny import Constant, pictures


def evenly(n: int) -> Tensor:
    """n times in the middles of n equal parts of (0, 1)."""
    return (torch.arange(n) + 0.5) / n


def test_a_quarter_of_the_times_is_set_aside_for_the_start() -> None:
    early, t = stress_start(evenly(1000))
    assert early.sum() == 1000 * STRESS == 250
    assert t[early].min() == pytest.approx(0.9, abs=1e-3)
    assert t[early].max() == pytest.approx(1, abs=1e-3)
    assert t[early].diff().min() == pytest.approx(0.1 / 250, rel=0.01)
    assert t[early].diff().max() == pytest.approx(0.1 / 250, rel=0.01)


def test_the_rest_of_the_times_covers_everything_evenly() -> None:
    early, t = stress_start(evenly(1000))
    assert torch.allclose(t[~early], evenly(750), atol=1e-5)


def test_a_shuffled_batch_is_set_aside_row_by_row() -> None:
    u = stratified_times(64, "cpu")
    early, t = stress_start(u)
    for i in range(64):
        alone = stress_start(u[i : i + 1])
        assert (early[i], t[i]) == (alone[0][0], alone[1][0])
    assert early.sum() == 16
    assert (t > 0).all()
    assert (t < 1).all()


def test_logits_of_times_are_normal() -> None:
    """Their quantiles are those of the normal distribution."""
    u, normal = torch.tensor([0.01, 0.1, 0.3, 0.5, 0.8, 0.999]), NormalDist(0.5, 1.3)
    logits = logit_normal(u, 0.5, 1.3).logit()
    expected = [normal.inv_cdf(float(share)) for share in u]
    assert logits.tolist() == pytest.approx(expected, abs=1e-3)


def test_the_median_time_is_the_mean_s() -> None:
    half = torch.tensor([0.5])
    assert logit_normal(half, 0.0, 1.0).item() == pytest.approx(0.5)
    assert logit_normal(half, 0.5, 1.0).item() == pytest.approx(torch.tensor(0.5).sigmoid().item())


def test_times_are_symmetric_rise_and_stay_inside() -> None:
    u = torch.linspace(0, 1, 201)
    t = logit_normal(u, 0.4, 1.0)
    assert torch.allclose(1 - t, logit_normal(1 - u, -0.4, 1.0), atol=1e-4)
    assert (t.diff() > 0).all()
    assert t.min() > 0
    assert t.max() < 1


def test_a_perfect_network_loses_nothing() -> None:
    x0 = pictures(4, 8)
    net = cast(Denoiser, Constant(x0))
    assert straight_loss(net, Batch(x0, text(4)), stratified_times(4, "cpu")).item() == 0


def test_the_straight_loss_is_the_velocity_s_error() -> None:
    net = Denoiser(width=8, dim=16, layers=1)
    torch.nn.init.normal_(net.head.weight, std=0.05)
    x0, t, words = pictures(4), torch.tensor([0.06, 0.3, 0.7, 1.0]), text(4)
    torch.manual_seed(1)
    loss = straight_loss(net, Batch(x0, words), t)
    torch.manual_seed(1)
    epsilon, path = torch.randn_like(x0), StraightPath()
    x = path.add_noise(x0, epsilon, t)
    error = path.velocity(x, net(x, t, words), t) - (epsilon - x0)
    assert loss.item() == pytest.approx(error.square().mean().item(), rel=1e-4)


def test_the_straight_loss_is_bounded_close_to_the_image() -> None:
    x0, net = pictures(4, 8), Constant(pictures(4, 8, seed=1))
    at_bound, closer = (
        straight_loss(cast(Denoiser, net), Batch(x0, text(4)), torch.full((4,), t))
        for t in (0.05, 0.001)
    )
    expected = 400 * (net.images - x0).square().mean().item()
    assert at_bound.item() == pytest.approx(expected, rel=1e-4)
    assert closer.item() == pytest.approx(expected, rel=1e-4)
