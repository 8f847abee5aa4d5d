"""Where a step stands between noise and image."""

from __future__ import annotations

import math

import torch

from app.demos.kit import Axis, Tick
from models.families.diffusion import CosineSchedule, T

CURVE: list[float] = [
    float(v) for v in (1 - CosineSchedule().alpha_bar(torch.linspace(1, 0, 51))).sqrt()
]
"""σ from t = T to 0."""


def clock(t: int, s: int, moved: bool) -> Axis:
    """How far it is from noise to image, under the curve of σ."""
    ticks = [Tick(1 - v / T, str(v)) for v in (T, 500, 0)]
    tail = 1 - t / T if moved else None
    label = f"σ, the noise that is left, at t = {s}"
    return Axis(ticks, label, 1 - s / T, tail, curve=CURVE, name="sigma alpha x", grow=6)


def noise_share(t: int) -> float:
    """σ at t, 0 … T: how much noise is in x_t."""
    return float(CosineSchedule().alpha_sigma(torch.tensor([t / T]))[1])


def shares(t: int, s: int) -> dict[str, str]:
    """Of image and noise at t and at the earlier s, and the gain in clearness between them."""
    both = CosineSchedule().alpha_sigma(torch.tensor([t / T, s / T]))
    (alpha_t, alpha_s), (sigma_t, sigma_s) = (share.flatten().tolist() for share in both)
    return {
        "alpha": f"{alpha_t:.3f}",
        "sigma": f"{sigma_t:.3f}",
        "alpha_s": f"{alpha_s:.3f}",
        "sigma_s": f"{sigma_s:.3f}",
        "gain": f"{math.log(alpha_s * sigma_t / (sigma_s * alpha_t)):.2f}",
    }
