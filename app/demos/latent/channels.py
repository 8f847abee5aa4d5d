"""A latent as pictures of its channels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from app.deck.images import heat
from app.demos.kit import Picture

DEVIATIONS = 3.0
"""Magnitude in full colour of a latent, whose numbers have unit variance."""


def channels(latent: Tensor | None) -> Tensor | None:
    """The channels of latents [1, 4, h, w] as pictures [4, 3, h, w], blue below zero, red above."""
    if latent is None:
        return None
    return torch.stack([heat(c.flatten(), c.shape[1], DEVIATIONS) for c in latent[0]])


def latent_picture(latent: Tensor | None, label: str = "", **more: Any) -> Picture:
    """The four channels, two by two."""
    alt = "The latent: four channels of 16×16 numbers"
    return Picture(channels(latent), alt, label, 2, 4, 16, **more)
