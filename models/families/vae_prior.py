"""A learned prior over the VAE's latents (Dai & Wipf, "Diagnosing and Enhancing VAE Models", 2019).

The codes of real images do not fill the Gaussian that the KL term pulls them towards, so decoding
draws of N(0, I) gives blends that no image has. A second, small model learns where the codes lie:
here a rectified flow (Liu et al., "Flow Straight and Fast", 2022), an ordinary differential
equation that carries Gaussian noise to codes along lines as straight as it can. It is latent
diffusion in the small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.families.vae import LATENT, VAE, VAESampler
from models.families.vae import load as load_vae
from models.parts.layers import timestep_embedding
from models.runtime.checkpoint import FOLDER, load_checkpoint, load_into
from models.runtime.precision import fast
from models.runtime.sampler import Request, Sampler, State, View, noise, split_rows

DEFAULT_STEPS = 25


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


@dataclass
class Drift(State):
    """Codes on their way from noise; ``total`` Euler steps of equal length."""

    z: Tensor


class VAEPriorSampler(Sampler[Drift]):
    """Noise → code by Euler steps, decoded by the VAE.

    Args:
        prior: the velocity.
        vae: decodes the codes.
    """

    def __init__(self, prior: VAEPrior, vae: VAE) -> None:
        self.prior, self.vae = prior, vae

    def start(self, request: Request) -> Drift:
        """Draw the noise from the seed.

        Raises:
            ValueError: num_steps outside 1 … 200.
        """
        steps = DEFAULT_STEPS if request.num_steps is None else request.num_steps
        if not 1 <= steps <= 200:
            raise ValueError(f"num_steps must be between 1 and 200, not {steps}")
        return Drift(request, 0, steps, noise(request, self.prior.latent))

    def step(self, states: Sequence[Drift]) -> None:
        """One Euler step of every state, each at its own time and length."""
        z = torch.cat([s.z for s in states])
        t = torch.cat([torch.full((s.request.n,), 1 - s.step / s.total) for s in states])
        length = torch.cat([torch.full((s.request.n, 1), 1 / s.total) for s in states])
        z = z - length * self.prior(z, t)
        for state, part in zip(states, split_rows(z, states), strict=True):
            state.z = part
            state.step += 1

    def still(self, state: Drift) -> Drift:
        """Steps replace tensors, they change none."""
        return replace(state)

    def preview(self, state: Drift) -> View:
        """The points decoded as they are; extras ``z`` [n, latent] and the time ``t``."""
        images = fast(self.vae.decode, state.z).clamp(-1, 1)
        return View(images, {"z": state.z, "t": 1 - state.step / state.total})


def load(name: str = "vae-prior", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """The trained prior's procedure; needs the VAE's checkpoint beside it.

    Raises:
        CheckpointError: see :func:`models.runtime.checkpoint.load_checkpoint`.
    """
    weights, _ = load_checkpoint(name, folder)
    prior = VAEPrior()
    load_into(prior, weights, name)
    sampler = load_vae("vae", folder)["sample"]
    assert isinstance(sampler, VAESampler)
    return {"sample": VAEPriorSampler(prior, sampler.vae)}
