"""What the learned prior does for a request: carry noise to codes, which the VAE decodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.families.vae import VAE
from models.families.vae_prior import VAEPrior
from models.procedures.vae import VAESampler
from models.procedures.vae import load as load_vae
from models.runtime.checkpoint import FOLDER, load_checkpoint, load_into
from models.runtime.precision import fast
from models.runtime.sampler import Request, Sampler, State, View, noise, split_rows

DEFAULT_STEPS = 25


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
