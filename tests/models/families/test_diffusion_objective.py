"""Diffusion's times of training, its losses, and the terms of its variational bound."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
import torch
from torch import Tensor

from models.data.pixels import LEVEL, LEVELS, from_levels
from models.families.diffusion import (
    NOISY_SHARE,
    CosineSchedule,
    T,
    clean_loss,
    discretized_nats,
    log_mass,
    logit_normal,
    noisy_times,
    prior_nats,
    snr,
    step_nats,
    training_times,
    velocity_loss,
)
from tests.models.tiny import pictures

SCHEDULE = CosineSchedule()


def evenly(n: int) -> Tensor:
    """n times in the middles of n equal parts of (0, 1)."""
    return (torch.arange(n) + 0.5) / n


def test_a_quarter_of_the_times_is_set_aside_for_the_start() -> None:
    early, t = noisy_times(evenly(1000))
    assert early.sum() == 1000 * NOISY_SHARE == 250
    assert t[early].min() == pytest.approx(0.9, abs=1e-3)
    assert t[early].max() == pytest.approx(1, abs=1e-3)
    assert t[early].diff().min() == pytest.approx(0.1 / 250, rel=0.01)
    assert t[early].diff().max() == pytest.approx(0.1 / 250, rel=0.01)


def test_the_rest_of_the_times_covers_everything_evenly() -> None:
    early, t = noisy_times(evenly(1000))
    assert torch.allclose(t[~early], evenly(750), atol=1e-5)


def test_times_are_set_aside_row_by_row() -> None:
    u = evenly(64)[torch.randperm(64)]
    early, t = noisy_times(u)
    for i in range(64):
        alone = noisy_times(u[i : i + 1])
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


def test_times_of_training_are_logit_normal_but_for_the_start() -> None:
    u = evenly(4000)
    t = training_times(u, 0.5, 1.0)
    assert torch.allclose(t[3000:], 0.9 + 0.1 * u[:1000] * 4, atol=1e-3)
    logits = t[:3000].double().logit()
    assert logits.mean().item() == pytest.approx(0.5, abs=0.01)
    assert logits.std().item() == pytest.approx(1, abs=0.02)


def test_a_network_that_knows_the_image_loses_nothing() -> None:
    x0, t = pictures(4, 8), evenly(4)
    epsilon = torch.randn_like(x0)
    assert clean_loss(lambda x, t: x0, SCHEDULE, x0, epsilon, t) == 0
    velocity = SCHEDULE.velocity(x0, epsilon, t)
    assert velocity_loss(lambda x, t: velocity, SCHEDULE, x0, epsilon, t) == 0


def test_a_network_sees_the_noisy_image_and_its_time() -> None:
    x0, t = pictures(4, 8), evenly(4)
    epsilon, seen = torch.randn_like(x0), []

    def net(x: Tensor, t: Tensor) -> Tensor:
        seen.append((x, t))
        return x

    clean_loss(net, SCHEDULE, x0, epsilon, t)
    velocity_loss(net, SCHEDULE, x0, epsilon, t)
    for x, time in seen:
        assert torch.equal(x, SCHEDULE.add_noise(x0, epsilon, t))
        assert torch.equal(time, t)


def test_the_clean_loss_is_the_velocity_s_where_noise_is_strong() -> None:
    x0, guess, t = pictures(4), pictures(4, seed=1), torch.full((4,), 0.6)
    epsilon = torch.randn_like(x0)
    alpha, sigma = SCHEDULE.alpha_sigma(t)

    def implied(x: Tensor, t: Tensor) -> Tensor:
        return (alpha * x - guess) / sigma

    clean = clean_loss(lambda x, t: guess, SCHEDULE, x0, epsilon, t)
    velocity = velocity_loss(implied, SCHEDULE, x0, epsilon, t)
    assert clean.item() == pytest.approx(velocity.item(), rel=1e-5)


def test_the_clean_loss_is_bounded_where_noise_is_faint() -> None:
    x0, t = pictures(4), torch.full((4,), 0.001)
    loss = clean_loss(lambda x, t: torch.zeros_like(x), SCHEDULE, x0, torch.randn_like(x0), t)
    assert loss.item() == pytest.approx(100 * x0.square().mean().item(), rel=1e-4)


def test_predicting_no_velocity_costs_its_variance() -> None:
    x0 = pictures(4) / pictures(4).std()
    epsilon = torch.randn(x0.shape, generator=torch.Generator().manual_seed(1))
    loss = velocity_loss(lambda x, t: torch.zeros_like(x), SCHEDULE, x0, epsilon, evenly(4))
    assert loss.item() == pytest.approx(1, abs=0.1)


def test_a_weight_is_of_the_places_of_the_loss() -> None:
    x0, t = pictures(4), torch.full((4,), 0.6)
    epsilon, weight = torch.randn_like(x0), torch.zeros(4, 1, 64, 64)
    weight[:, :, :32] = 2
    loss = velocity_loss(lambda x, t: torch.zeros_like(x), SCHEDULE, x0, epsilon, t, weight)
    upper = SCHEDULE.velocity(x0, epsilon, t)[:, :, :32]
    assert loss.item() == pytest.approx(upper.square().mean().item(), rel=1e-5)


def test_the_prior_term_is_the_divergence_of_two_normals() -> None:
    x0 = pictures(2, 8).double()
    share = SCHEDULE.alpha_bar(torch.ones(1)).double()
    posterior = torch.distributions.Normal(share.sqrt() * x0, (1 - share).sqrt())
    standard = torch.distributions.Normal(torch.zeros_like(x0), 1.0)
    expected = torch.distributions.kl_divergence(posterior, standard).flatten(1).sum(1)
    # 1 - ᾱ + log(1 - ᾱ) nearly vanish: what float32 leaves of them is an absolute error.
    assert torch.allclose(prior_nats(SCHEDULE, x0).double(), expected, atol=1e-3)


def test_a_step_s_term_is_the_divergence_from_the_true_posterior() -> None:
    """KL between two Gaussians of the variance of q(x_s | x_t, x0), means apart as x0 and x̂0."""
    x0, guess = pictures(2, 8).double(), pictures(2, 8, seed=1).double()
    t, s = torch.full((2,), 0.5), torch.full((2,), 0.4)
    a_t, a_s = (SCHEDULE.alpha_bar(u).double()[:, None, None, None] for u in (t, s))
    variance = (1 - a_s) / (1 - a_t) * (1 - a_t / a_s)
    gap = a_s.sqrt() * (1 - a_t / a_s) / (1 - a_t) * (x0 - guess)
    expected = (gap.square() / (2 * variance)).flatten(1).sum(1)
    assert torch.allclose(step_nats(SCHEDULE, x0, guess, t, s), expected, rtol=1e-5)


def test_the_signal_to_noise_ratio_falls() -> None:
    t = torch.arange(1, T - 20) / T
    assert (snr(SCHEDULE, t).diff() < 0).all()
    half = torch.tensor([(2 / math.pi) * math.acos(math.sqrt(0.5)) * 1.008 - 0.008])
    assert snr(SCHEDULE, half).item() == pytest.approx(1, abs=0.01)


def test_the_mass_of_all_levels_is_one() -> None:
    levels = from_levels(torch.arange(LEVELS))[:, None, None, None]
    for mean in (0.93, 0.0, -1.2):
        masses = torch.exp(
            -discretized_nats(levels, torch.full_like(levels, mean), torch.tensor(0.05))
        )
        assert masses.sum().item() == pytest.approx(1, abs=1e-6)


def test_a_decoder_that_misses_by_far_pays_for_it() -> None:
    """36 deviations away a level's mass is e^-648, far below what a double minus a double shows."""
    sigma = torch.tensor(LEVEL)
    x0 = torch.full((1, 1, 1, 1), 0.5)
    for miss in (x0 - 36 * LEVEL, x0 + 36 * LEVEL):
        nats = discretized_nats(x0, miss, sigma).item()
        near = 35.5  # the mass lies at the level's nearer edge
        density = near**2 / 2 + math.log(near * math.sqrt(2 * math.pi))
        assert nats == pytest.approx(density, rel=1e-3)


def test_masses_are_exact_where_differences_are() -> None:
    lower = torch.linspace(-3, 3, 50, dtype=torch.float64)
    upper = lower + 0.1
    exact = (torch.special.ndtr(upper) - torch.special.ndtr(lower)).log()
    assert torch.allclose(log_mass(lower, upper), exact, atol=1e-12)


def test_masses_are_symmetric_and_those_of_tails_finite() -> None:
    lower, upper = torch.tensor([5.0, 30, 1e3]).double(), torch.tensor([5.1, 31, 2e3]).double()
    assert torch.equal(log_mass(lower, upper), log_mass(-upper, -lower))
    assert log_mass(lower, upper).isfinite().all()
    everything = torch.tensor([torch.inf]).double()
    assert log_mass(-everything, everything).item() == pytest.approx(0)
