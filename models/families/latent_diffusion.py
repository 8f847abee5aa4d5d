"""Latent diffusion (Rombach et al., 2022): text → diffusion in a small latent → decoder.

Solver, schedule and guidance are those of :mod:`models.families.diffusion`; only the space differs.
The prompt enters by cross-attention, whose maps show where each word acts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.parts.autoencoder import CHANNELS
from models.parts.denoiser import Denoiser

if TYPE_CHECKING:
    from collections.abc import Callable


def latent_denoiser() -> Denoiser:
    """The pixel model's network, reading 16×16×4 latents instead of 4×4 pixel patches."""
    return Denoiser(channels=CHANNELS, patch=1)


def sensitivity(decode: Callable[[Tensor], Tensor], latents: Tensor, probe: Tensor) -> Tensor:
    """How much a change of each place of a latent changes the decoded image.

    The squared norm of the decoder's Jacobian J there, estimated without bias by |Jᵀv|² for one
    random v (Hutchinson, 1989): the metric that pixels induce on latents (Arvanitidis et al.,
    2018). A plain background has little, an eye has much. It weighs the places of
    :func:`models.families.diffusion.velocity_loss`.

    Args:
        decode: latents to images [n, 3, 8H, 8W].
        latents: [n, channels, H, W].
        probe: v, standard normal, of the images' shape.

    Returns:
        [n, 1, H, W] with mean 1 over each latent.
    """
    z = latents.clone().requires_grad_()
    (change,) = torch.autograd.grad((decode(z).float() * probe).sum(), z)
    squared = change.square().sum(1, keepdim=True)
    return squared / squared.mean((2, 3), keepdim=True)
