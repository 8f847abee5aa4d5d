"""What the learned prior does for a request: carry noise to codes, which the VAE decodes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import torch
from annotated_types import Interval
from torch import Tensor

from models.families.vae import SAMPLING, VAE
from models.families.vae_prior import VAEPrior, euler_step
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import Parameters
from models.runtime.precision import fast
from models.runtime.randomness import noise
from models.runtime.sampler import Request, Sampler, State, View, deal, per_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint


@dataclass
class Drift(State):
    """Points between noise and codes; ``total`` Euler steps of equal length."""

    z: Tensor


@dataclass(frozen=True)
class SampleParameters(Parameters):
    """Of a draw.

    Attributes:
        num_steps: of Euler, each a call of the prior's network.
    """

    num_steps: Annotated[int, Interval(ge=1, le=200)] = 25


class VAEPriorSampler(Sampler[Drift, SampleParameters]):
    """Noise → code by Euler steps, decoded by the VAE.

    Args:
        prior: the velocity.
        vae: decodes the codes.
    """

    parameters = SampleParameters

    def __init__(self, prior: VAEPrior, vae: VAE) -> None:
        self.prior, self.vae = prior, vae

    def start(self, request: Request[SampleParameters]) -> Drift:
        """Draw the noise from the seed."""
        z = noise(request, self.prior.latent)
        return Drift(request, 0, request.parameters.num_steps, z)

    def step(self, states: Sequence[Drift]) -> None:
        """One Euler step of every state, each at its own time and length."""
        z = torch.cat([state.z for state in states])
        t = per_row(states, (1 - state.step / state.total for state in states))
        length = per_row(states, (1 / state.total for state in states))
        deal(states, z=euler_step(self.prior, z, t, length))

    def still(self, state: Drift) -> Drift:
        """Steps replace tensors, they change none."""
        return replace(state)

    def preview(self, state: Drift) -> View:
        """The points decoded as they are; extras ``z`` [n, latent] and the time ``t``."""
        beta = torch.full((state.n,), SAMPLING)
        images = fast(self.vae.decode, state.z, beta).clamp(-1, 1)
        return View(images, {"z": state.z, "t": 1 - state.step / state.total})


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained prior, with the VAE that decodes its codes."""
    prior = checkpoint.build(VAEPrior)
    return Model(prior, {"sample": VAEPriorSampler(prior, parts.network("vae", VAE))})


ARCHITECTURE = Architecture("vae_prior", "vae", load, {"sample": VAEPriorSampler})
