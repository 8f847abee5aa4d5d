"""Denoising diffusion (Ho et al., "Denoising Diffusion Probabilistic Models", 2020).

An image x0 is noised over T = 1000 steps, x_t = sqrt(ᾱ_t) x0 + sqrt(1 - ᾱ_t) ε, with the cosine
schedule of Nichol & Dhariwal (2021). The network predicts x0, since flat colours are easier to
predict than noise is (Li & He, "Back to Basics: Let Denoising Generative Models Denoise", 2025).
ε and the velocity follow from it, so one network serves three solvers: DDPM's ancestral sampling,
DDIM (Song et al., 2020) and DPM-Solver++(2M) (Lu et al., 2022).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

T = 1000
EPSILON = 1e-4
"""Least change of λ, the half log signal-to-noise ratio, that a step can be judged by."""


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

    def to_epsilon(self, x: Tensor, v: Tensor, t: Tensor) -> Tensor:
        """The noise that v implies: σ x + α v."""
        alpha, sigma = self.alpha_sigma(t)
        return sigma * x + alpha * v


def time_grid(num_steps: int) -> Tensor:
    """num_steps + 1 times from 1 to 0, evenly spaced."""
    return torch.linspace(1, 0, num_steps + 1)


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
        known = (before > EPSILON) & (step > EPSILON) & (s > 0)[:, None, None, None]
        ratio = torch.where(known, before / step.clamp(min=EPSILON), 1.0)
        target = torch.where(known, x0 + (x0 - earlier) / (2 * ratio), x0)
    return sigma_s / sigma_t * x - alpha_s * torch.expm1(-step) * target
