"""Latent diffusion (Rombach et al., 2022): text → diffusion in a small latent → decoder.

Solver, schedule and guidance are those of :mod:`models.families.diffusion`; only the space differs.
The prompt enters by cross-attention, whose maps show where each word acts.
"""

from __future__ import annotations

from models.parts.autoencoder import CHANNELS
from models.parts.denoiser import Denoiser


def latent_denoiser() -> Denoiser:
    """The pixel model's network, reading 16×16×4 latents instead of 4×4 pixel patches."""
    return Denoiser(channels=CHANNELS, patch=1)
