"""Denoising diffusion (Ho et al., "Denoising Diffusion Probabilistic Models", 2020).

An image x0 is noised over T = 1000 steps, x_t = sqrt(ᾱ_t) x0 + sqrt(1 - ᾱ_t) ε, with the cosine
schedule of Nichol & Dhariwal (2021). The network predicts x0, since flat colours are easier to
predict than noise is (Li & He, "Back to Basics: Let Denoising Generative Models Denoise", 2025).
ε and the velocity follow from it, so one network serves three solvers: DDPM's ancestral sampling,
DDIM (Song et al., 2020) and DPM-Solver++(2M) (Lu et al., 2022).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from models.data.pixels import LEVEL

T = 1000
EPSILON = 1e-4
"""Least change of λ, the half log signal-to-noise ratio, from which a step extrapolates."""
NOISY_SHARE = 0.25
"""Share of the times of training that lie close to pure noise."""

Network = Callable[[Tensor, Tensor], Tensor]
"""(x_t [n, C, H, W], t [n]) → what it predicts of them, of x_t's shape; a prompt is closed over."""


class CosineSchedule:
    """ᾱ(t) = cos²(π/2 · (t + s) / (1 + s)), clipped so that neither end is exactly noise or image.

    Times are in [0, 1]; the discrete steps of the papers are t = i / T.
    """

    def __init__(self, offset: float = 0.008, floor: float = 1e-4) -> None:
        self.offset, self.floor = offset, floor

    def alpha_bar(self, t: Tensor) -> Tensor:
        """Share of the image's variance left at time t, [n] → [n]."""
        angle = (t.float() + self.offset) / (1 + self.offset) * math.pi / 2
        top = math.cos(self.offset / (1 + self.offset) * math.pi / 2) ** 2
        return (angle.cos().square() / top).clamp(self.floor, 1 - 1e-5)

    def alpha_sigma(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """sqrt(ᾱ) and sqrt(1 - ᾱ) as [n, 1, 1, 1]."""
        a = self.alpha_bar(t)[:, None, None, None]
        return a.sqrt(), (1 - a).sqrt()

    def add_noise(self, x0: Tensor, epsilon: Tensor, t: Tensor) -> Tensor:
        """A draw of q(x_t | x0)."""
        alpha, sigma = self.alpha_sigma(t)
        return alpha * x0 + sigma * epsilon

    def velocity(self, x0: Tensor, epsilon: Tensor, t: Tensor) -> Tensor:
        """The training target v = α ε - σ x0."""
        alpha, sigma = self.alpha_sigma(t)
        return alpha * epsilon - sigma * x0

    def to_x0(self, x: Tensor, v: Tensor, t: Tensor) -> Tensor:
        """The clean image that v implies: α x - σ v."""
        alpha, sigma = self.alpha_sigma(t)
        return alpha * x - sigma * v

    def to_epsilon(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """The noise that a clean image implies: (x - α x0) / σ."""
        alpha, sigma = self.alpha_sigma(t)
        return (x - alpha * x0) / sigma


def time_grid(num_steps: int) -> Tensor:
    """num_steps + 1 times from 1 to 0, evenly spaced."""
    return torch.linspace(1, 0, num_steps + 1)


def guide(conditional: Tensor, unconditional: Tensor, scale: Tensor) -> Tensor:
    """Classifier-free guidance (Ho & Salimans, 2022): w · conditional + (1 - w) · unconditional.

    Args:
        conditional, unconditional: what the network predicts with and without the prompt, of any
            kind that is linear in the noise, [n, C, H, W].
        scale: w of each row, [n]; above 1 the prompt counts for more.
    """
    return unconditional + scale[:, None, None, None] * (conditional - unconditional)


def ddpm_step(
    schedule: CosineSchedule, x: Tensor, x0: Tensor, t: Tensor, s: Tensor, epsilon: Tensor
) -> Tensor:
    """Ancestral step from t to s < t: a draw of q(x_s | x_t, x0) (DDPM, equation 6)."""
    a_t, a_s = (schedule.alpha_bar(u)[:, None, None, None] for u in (t, s))
    ratio = a_t / a_s
    mean = (a_s.sqrt() * (1 - ratio) * x0 + ratio.sqrt() * (1 - a_s) * x) / (1 - a_t)
    variance = (1 - a_s) / (1 - a_t) * (1 - ratio)
    last = (s == 0)[:, None, None, None]
    return torch.where(last, x0, mean + variance.sqrt() * epsilon)


def ddim_step(schedule: CosineSchedule, x: Tensor, x0: Tensor, t: Tensor, s: Tensor) -> Tensor:
    """Deterministic step from t to s < t (DDIM, equation 12, η = 0)."""
    (alpha_t, sigma_t), (alpha_s, sigma_s) = schedule.alpha_sigma(t), schedule.alpha_sigma(s)
    return alpha_s * x0 + sigma_s * (x - alpha_t * x0) / sigma_t


def dpm_solver_step(
    schedule: CosineSchedule,
    x: Tensor,
    x0: Tensor,
    t: Tensor,
    s: Tensor,
    previous: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """DPM-Solver++(2M) step from t to s < t; first order (= DDIM) without ``previous``.

    Args:
        previous: the clean prediction at the step before and that step's time. A step that ends
            at s = 0 is of first order, as the paper advises for few steps; so is one beside a step
            on which the signal-to-noise ratio did not change.
    """
    (alpha_t, sigma_t), (alpha_s, sigma_s) = schedule.alpha_sigma(t), schedule.alpha_sigma(s)
    lambda_t, lambda_s = (alpha_t / sigma_t).log(), (alpha_s / sigma_s).log()
    step = lambda_s - lambda_t
    target = x0
    if previous is not None:
        earlier, r = previous
        alpha_r, sigma_r = schedule.alpha_sigma(r)
        before = lambda_t - (alpha_r / sigma_r).log()
        # Where ᾱ is clipped, times differ and λ does not: nothing can be extrapolated from there.
        apart = (before > EPSILON) & (step > EPSILON) & (s > 0)[:, None, None, None]
        ratio = torch.where(apart, before / step.clamp(min=EPSILON), 1.0)
        target = torch.where(apart, x0 + (x0 - earlier) / (2 * ratio), x0)
    return sigma_s / sigma_t * x - alpha_s * torch.expm1(-step) * target


def noisy_times(u: Tensor) -> tuple[Tensor, Tensor]:
    """Set a quarter of the times aside for t in 0.9 … 1, where a sampler begins.

    What large areas show, above all their colour, is visible through any lesser noise: only there
    must it come from the prompt. Evenly drawn times would teach it from one image in ten.

    Args:
        u: times in (0, 1), [n].

    Returns:
        Those set aside, bool [n], and times in which the rest covers (0, 1) again.
    """
    early = u > 1 - NOISY_SHARE
    return early, torch.where(early, 1 - 0.1 * (1 - u) / NOISY_SHARE, u / (1 - NOISY_SHARE))


def logit_normal(u: Tensor, mean: float, deviation: float) -> Tensor:
    """Times in (0, 1) whose logits are N(mean, deviation²), from uniform ones [n].

    Esser et al., "Scaling Rectified Flow Transformers" (Stable Diffusion 3, 2024), section 3.1.
    """
    return torch.sigmoid(mean + deviation * torch.special.ndtri(u.clamp(1e-6, 1 - 1e-6)))


def training_times(u: Tensor, mean: float, deviation: float) -> Tensor:
    """Times to train at, from uniform ones [n]: three quarters of them logit-normal, the others
    close to pure noise (:func:`noisy_times`).
    """
    early, t = noisy_times(u)
    return torch.where(early, t, logit_normal(t, mean, deviation))


def clean_loss(
    net: Network, schedule: CosineSchedule, x0: Tensor, epsilon: Tensor, t: Tensor
) -> Tensor:
    """Mean of ‖x̂0 - x0‖² / max(σ, 1/10)²: the velocity's error, bounded where noise is faint.

    v̂ - v = (x0 - x̂0) / σ, so the network that predicts x0 is weighed as one that predicts v
    (Li & He, 2025).

    Args:
        net: predicts x0.
        x0: clean images [n, C, H, W].
        epsilon: standard normal noise of the same shape.
        t: times [n] in [0, 1].
    """
    _, sigma = schedule.alpha_sigma(t)
    predicted = net(schedule.add_noise(x0, epsilon, t), t).float()
    return ((predicted - x0) / sigma.clamp(min=0.1)).square().mean()


def velocity_loss(
    net: Network,
    schedule: CosineSchedule,
    x0: Tensor,
    epsilon: Tensor,
    t: Tensor,
    weight: Tensor | None = None,
) -> Tensor:
    """Mean squared error of the predicted velocity v = α ε - σ x0 (Salimans & Ho, 2022).

    Args:
        net: predicts v.
        x0, epsilon, t: see :func:`clean_loss`.
        weight: of each place, [n, 1, H, W], about 1 on average; all places alike without.
    """
    predicted = net(schedule.add_noise(x0, epsilon, t), t).float()
    error = (predicted - schedule.velocity(x0, epsilon, t)).square()
    return (error if weight is None else weight * error).mean()


def snr(schedule: CosineSchedule, t: Tensor) -> Tensor:
    """Signal-to-noise ratio ᾱ / (1 - ᾱ) at times [n], in double precision."""
    share = schedule.alpha_bar(t).double()
    return share / (1 - share)


def prior_nats(schedule: CosineSchedule, x0: Tensor) -> Tensor:
    """L_T = KL(q(x_1 | x0) ‖ N(0, I)) in nats, [n] (DDPM, equation 5)."""
    share = schedule.alpha_bar(torch.ones(1, device=x0.device))
    nats = 0.5 * (share * x0.square() + (1 - share) - 1 - torch.log1p(-share))
    return nats.flatten(1).sum(1)


def step_nats(
    schedule: CosineSchedule, x0: Tensor, predicted: Tensor, t: Tensor, s: Tensor
) -> Tensor:
    """L_t = ½ (SNR(s) - SNR(t)) ‖x0 - x̂0(x_t)‖² of the step from t to s < t, in nats, [n].

    Kingma et al., "Variational Diffusion Models" (2021), equation 14.
    """
    error = (x0 - predicted).square().flatten(1).sum(1).double()
    return 0.5 * (snr(schedule, s) - snr(schedule, t)) * error


def discretized_nats(x0: Tensor, mean: Tensor, sigma: Tensor) -> Tensor:
    """L_0: -log of a Gaussian's mass on each pixel's own 8-bit level, summed, [n].

    As DDPM, equation 13: the first and the last level reach to infinity. Masses are differences of
    log Φ, so they are right however far the Gaussian misses.

    Args:
        x0: images on their levels, [n, C, H, W] in [-1, 1].
        mean: of the Gaussian at each pixel, of the same shape.
        sigma: its deviation, one number.
    """
    upper = ((x0 - mean + LEVEL / 2) / sigma).double()
    lower = ((x0 - mean - LEVEL / 2) / sigma).double()
    upper = torch.where(x0 > 1 - LEVEL / 2, torch.inf, upper)
    lower = torch.where(x0 < -1 + LEVEL / 2, -torch.inf, lower)
    return -log_mass(lower, upper).flatten(1).sum(1)


def log_mass(lower: Tensor, upper: Tensor) -> Tensor:
    """log(Φ(upper) - Φ(lower)) of the standard normal distribution, lower < upper."""
    # Of two equal masses the one left of zero is taken: there Φ is small and its logarithm exact.
    right = lower > -upper
    lower, upper = torch.where(right, -upper, lower), torch.where(right, -lower, upper)
    below, above = torch.special.log_ndtr(lower), torch.special.log_ndtr(upper)
    mass: Tensor = above + torch.log(-torch.expm1(below - above))
    return mass
