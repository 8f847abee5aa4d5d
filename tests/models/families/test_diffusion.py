"""Schedule identities, solvers against exact solutions, and guidance."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from models.families.diffusion import (
    CosineSchedule,
    T,
    ddim_step,
    ddpm_step,
    dpm_solver_step,
    guide,
    time_grid,
)

SCHEDULE = CosineSchedule()


def at(t: float, n: int = 1) -> Tensor:
    return torch.full((n,), t)


def test_alpha_bar_falls_from_one_to_zero() -> None:
    alpha_bar = SCHEDULE.alpha_bar(torch.linspace(0, 1, T + 1))
    assert (alpha_bar.diff() <= 0).all()
    assert (alpha_bar[10:-20].diff() < 0).all()
    assert alpha_bar[0] > 0.9999
    assert 0 < alpha_bar[-1] < 1e-3


def test_alpha_bar_is_the_cosine_of_the_paper() -> None:
    """Nichol & Dhariwal (2021), equation 17."""
    t = torch.linspace(0.05, 0.95, 19)
    f = ((t + 0.008) / 1.008 * math.pi / 2).cos() ** 2
    expected = f / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    assert torch.allclose(SCHEDULE.alpha_bar(t), expected, atol=1e-6)


def test_signal_and_noise_share_the_variance() -> None:
    alpha, sigma = SCHEDULE.alpha_sigma(torch.linspace(0, 1, 50))
    assert alpha.shape == (50, 1, 1, 1)
    assert torch.allclose(alpha**2 + sigma**2, torch.ones_like(alpha))


def test_velocity_gives_back_the_image() -> None:
    t = torch.rand(16)
    x0, epsilon = torch.randn(16, 3, 4, 4), torch.randn(16, 3, 4, 4)
    x, v = SCHEDULE.add_noise(x0, epsilon, t), SCHEDULE.velocity(x0, epsilon, t)
    assert torch.allclose(SCHEDULE.to_x0(x, v, t), x0, atol=1e-5)


def test_ddim_follows_the_line_between_image_and_noise() -> None:
    x0, epsilon = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4)
    x = SCHEDULE.add_noise(x0, epsilon, at(0.8, 2))
    there = ddim_step(SCHEDULE, x, x0, at(0.8, 2), at(0.3, 2))
    assert torch.allclose(there, SCHEDULE.add_noise(x0, epsilon, at(0.3, 2)), atol=1e-5)


def test_the_first_dpm_solver_step_is_ddim() -> None:
    x, x0 = torch.randn(3, 1, 4, 4), torch.randn(3, 1, 4, 4)
    t, s = torch.tensor([1.0, 0.6, 0.1]), torch.tensor([0.8, 0.5, 0.0])
    first = dpm_solver_step(SCHEDULE, x, x0, t, s)
    assert torch.allclose(first, ddim_step(SCHEDULE, x, x0, t, s), atol=1e-5)


def test_a_prediction_that_stays_makes_the_second_order_vanish() -> None:
    x, x0 = torch.randn(1, 1, 4, 4), torch.randn(1, 1, 4, 4)
    second = dpm_solver_step(SCHEDULE, x, x0, at(0.6), at(0.5), (x0, at(0.7)))
    assert torch.allclose(second, ddim_step(SCHEDULE, x, x0, at(0.6), at(0.5)), atol=1e-5)


def test_guidance_extrapolates_row_by_row() -> None:
    conditional, unconditional = torch.randn(2, 3, 1, 4, 4)
    guided = guide(conditional, unconditional, torch.tensor([0.0, 1.0, 3.0]))
    assert torch.equal(guided[0], unconditional[0])
    assert torch.allclose(guided[1], conditional[1], atol=1e-6)
    assert torch.allclose(guided[2], 3 * conditional[2] - 2 * unconditional[2], atol=1e-5)


def test_the_ancestral_step_draws_the_posterior() -> None:
    """DDPM, equations 6 and 7: compose q(x_s | x_t, x0) with q(x_t | x0) to get q(x_s | x0)."""
    n = 100_000
    x0 = torch.full((n, 1, 1, 1), 0.7)
    x = SCHEDULE.add_noise(x0, torch.randn_like(x0), at(0.7, n))
    y = ddpm_step(SCHEDULE, x, x0, at(0.7, n), at(0.4, n), torch.randn_like(x0))
    alpha, sigma = (v[0, 0, 0, 0] for v in SCHEDULE.alpha_sigma(at(0.4)))
    assert y.mean() == pytest.approx(0.7 * alpha.item(), abs=0.01)
    assert y.std() == pytest.approx(sigma.item(), abs=0.01)


MEAN, STD = 0.4, 0.5


def denoise(x: Tensor, t: Tensor) -> Tensor:
    """The optimal clean prediction for data N(MEAN, STD²)."""
    alpha, sigma = SCHEDULE.alpha_sigma(t)
    gain = alpha * STD**2 / (alpha**2 * STD**2 + sigma**2)
    return MEAN + gain * (x - alpha * MEAN)


def solve(steps: int, solver: str, x: Tensor) -> Tensor:
    earlier: tuple[Tensor, Tensor] | None = None
    grid = time_grid(steps)
    for i in range(steps):
        t, s = grid[i].expand(len(x)), grid[i + 1].expand(len(x))
        x0 = denoise(x, t)
        if solver == "ddpm":
            x = ddpm_step(SCHEDULE, x, x0, t, s, torch.randn_like(x))
        elif solver == "ddim":
            x = ddim_step(SCHEDULE, x, x0, t, s)
        else:
            x = dpm_solver_step(SCHEDULE, x, x0, t, s, earlier)
        earlier = x0, t
    return x


def exact(x: Tensor) -> Tensor:
    """The probability-flow ODE of a Gaussian keeps (x - mean_t) / std_t."""
    alpha, sigma = SCHEDULE.alpha_sigma(at(1.0))
    return MEAN + STD * (x - alpha * MEAN) / (alpha**2 * STD**2 + sigma**2).sqrt()


@pytest.mark.parametrize(("solver", "steps", "bound"), [("ddim", 400, 0.01), ("dpm", 50, 0.01)])
def test_deterministic_solvers_reach_the_exact_solution(
    solver: str, steps: int, bound: float
) -> None:
    x = torch.randn(64, 1, 1, 1)
    assert (solve(steps, solver, x) - exact(x)).abs().max() < bound


def test_the_second_order_solver_needs_fewer_steps() -> None:
    x = torch.randn(64, 1, 1, 1)
    error = {s: (solve(15, s, x) - exact(x)).abs().mean() for s in ("ddim", "dpm")}
    assert error["dpm"] < error["ddim"] / 2


def test_ancestral_sampling_reaches_the_data_s_distribution() -> None:
    x = solve(150, "ddpm", torch.randn(20_000, 1, 1, 1))
    assert x.mean() == pytest.approx(MEAN, abs=0.02)
    assert x.std() == pytest.approx(STD, abs=0.02)
