"""A learned prior over the VAE's latents (Dai & Wipf, "Diagnosing and Enhancing VAE Models", 2019).

The codes of real images do not fill the Gaussian that the KL term pulls them towards, so decoding
draws of N(0, I) gives blends that no image has. A second, small model learns where the codes lie:
here a rectified flow (Liu et al., "Flow Straight and Fast", 2022), an ordinary differential
equation that carries Gaussian noise to codes along lines as straight as it can. It is latent
diffusion in the small.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.families.vae import LATENT
from models.parts.layers import timestep_embedding


class PriorBlock(nn.Module):
    """Residual MLP block; the time scales and shifts its normalized input.

    Args:
        dim: width.
        embedding: length of the time's embedding.
    """

    def __init__(self, dim: int, embedding: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim, elementwise_affine=False)
        self.modulate = nn.Linear(embedding, 2 * dim)
        self.inner = nn.Linear(dim, 2 * dim)
        self.outer = nn.Linear(2 * dim, dim)
        nn.init.zeros_(self.outer.weight)  # the block starts as the identity

    def forward(self, h: Tensor, embedding: Tensor) -> Tensor:
        """[n, dim], [n, embedding] → [n, dim]."""
        scale, shift = self.modulate(embedding).chunk(2, dim=1)
        out: Tensor = h + self.outer(F.silu(self.inner(self.norm(h) * (1 + scale) + shift)))
        return out


class VAEPrior(nn.Module):
    """Velocity of the flow from codes (t = 0) to noise (t = 1).

    Args:
        latent: length of a code.
        dim, blocks: width and depth of the network.
        embedding: length of the time's embedding.
    """

    def __init__(
        self, latent: int = LATENT, dim: int = 320, blocks: int = 3, embedding: int = 64
    ) -> None:
        super().__init__()
        self.latent, self.embedding = latent, embedding
        self.inp = nn.Linear(latent, dim)
        self.blocks = nn.ModuleList(PriorBlock(dim, embedding) for _ in range(blocks))
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, latent)
        nn.init.zeros_(self.out.weight)

    def forward(self, z: Tensor, t: Tensor) -> Tensor:
        """Points [n, latent] at times [n] in [0, 1] → dz/dt [n, latent]."""
        embedding = timestep_embedding(t, self.embedding)
        h = self.inp(z)
        for block in self.blocks:
            h = block(h, embedding)
        out: Tensor = self.out(self.norm(h))
        return out


def euler_step(prior: VAEPrior, z: Tensor, t: Tensor, length: Tensor) -> Tensor:
    """Follow the velocity from t to t - length in a straight line.

    Args:
        prior: the velocity.
        z: points [n, latent].
        t, length: of each point, [n].
    """
    velocity: Tensor = prior(z, t)
    return z - length[:, None] * velocity


def flow_loss(prior: VAEPrior, z: Tensor, epsilon: Tensor, t: Tensor) -> Tensor:
    """Mean squared error of the velocity ε - z at the points (1 - t) z + t ε.

    Args:
        z: codes [n, latent].
        epsilon: standard normal noise of the same shape.
        t: times [n] in [0, 1].
    """
    points = torch.lerp(z, epsilon, t[:, None])
    loss: Tensor = (prior(points, t) - (epsilon - z)).square().mean()
    return loss
