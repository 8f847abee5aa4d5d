"""A mixture of logistics is a monotone map, its slope exact and its inverse there."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import (
    AffineTransform,
    Categorical,
    SigmoidTransform,
    TransformedDistribution,
    Uniform,
)

from models.parts.mixture import SHARPEST, Mixture

COMPONENTS = 3


def mixture(*shape: int, seed: int = 0) -> Mixture:
    """A random one of double precision for each value of ``shape``."""
    generator = torch.Generator().manual_seed(seed)
    raw = torch.randn(*shape, 3 * COMPONENTS, generator=generator, dtype=torch.float64)
    return Mixture.of(raw, COMPONENTS)


def logistic(means: Tensor, scales: Tensor) -> TransformedDistribution:
    """As torch's documentation builds it from uniform draws."""
    base = Uniform(torch.zeros_like(means), torch.ones_like(means), validate_args=False)
    return TransformedDistribution(base, [SigmoidTransform().inv, AffineTransform(means, scales)])


def test_the_map_is_the_logit_of_the_distribution_function() -> None:
    known = mixture(5)
    x = torch.randn(5, dtype=torch.float64)
    parts = logistic(known.means, known.log_scales.exp())
    weights = known.log_weights.exp()
    below = (weights * parts.cdf(x[:, None])).sum(-1)
    u, _ = known.forward(x)
    assert torch.allclose(u, below.logit(), atol=1e-6)
    assert weights.sum(-1).allclose(torch.ones(5, dtype=torch.float64))


def test_draws_become_one_logistic_whatever_the_modes() -> None:
    known = Mixture(
        torch.tensor([0.3, 0.7]).log(), torch.tensor([-1.0, 0.8]), torch.tensor([-5.0, -2.0])
    )
    parts = logistic(known.means, known.log_scales.exp())
    torch.manual_seed(0)
    which = Categorical(known.log_weights.exp()).sample((20_000,))
    x = parts.sample((20_000,)).gather(1, which[:, None])[:, 0]
    u, _ = known.forward(x)
    assert u.mean().item() == pytest.approx(0, abs=0.05)
    assert u.std().item() == pytest.approx(math.pi / math.sqrt(3), abs=0.05)


def test_the_slope_is_autograd_s() -> None:
    known = mixture(4, 5)
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    u, slope = known.forward(x)
    (expected,) = torch.autograd.grad(u.sum(), x)
    assert torch.allclose(slope, expected.log(), atol=1e-8)
    assert slope.std() > 0.1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_inverse_undoes_the_map(dtype: torch.dtype) -> None:
    drawn = mixture(6, 7)
    known = Mixture(drawn.log_weights.to(dtype), drawn.means.to(dtype), drawn.log_scales.to(dtype))
    x = torch.randn(6, 7, dtype=dtype)
    u, _ = known.forward(x)
    assert (u - x).abs().max() > 0.5
    assert torch.allclose(known.inverse(u), x, atol=1e-5)


def test_values_far_from_every_mode_stay_finite() -> None:
    known = Mixture.of(torch.tensor([0.0, 0.0, -1.0, 1.0, -50.0, -50.0]), 2)
    assert known.log_scales.tolist() == [SHARPEST, SHARPEST]
    x = torch.tensor([-3.0, 0.0, 3.0])
    u, slope = known.forward(x)
    assert u.isfinite().all()
    assert slope.isfinite().all()
    assert (u.diff() > 0).all()


def test_one_component_is_an_affine_map() -> None:
    known = Mixture(torch.zeros(1), torch.tensor([0.5]), torch.tensor([2.0]).log())
    u, slope = known.forward(torch.tensor([1.5, -0.5]))
    assert torch.allclose(u, torch.tensor([0.5, -0.5]), atol=1e-6)
    assert torch.allclose(slope, torch.full((2,), -math.log(2)), atol=1e-6)
    assert torch.allclose(known.inverse(u), torch.tensor([1.5, -0.5]), atol=1e-5)
