"""What the VAE does for a request: draw, reconstruct, interpolate, encode, decode, at any beta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import torch
from annotated_types import Interval
from torch import Tensor

from models.families.vae import VAE, interpolate, reparameterize
from models.parts.losses import rmse
from models.procedures.vae_plane import VAEPlane
from models.procedures.vae_rates import VAERates
from models.procedures.weighted import SHAPE, WeightedParameters, betas
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import Temperature
from models.runtime.precision import fast
from models.runtime.randomness import noise
from models.runtime.sampler import Input, Request, Sampler, State, View, deal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint


W = TypeVar("W", bound=WeightedParameters)


@dataclass
class Decoding(State):
    """Latents to decode and, once decoded, their images."""

    z: Tensor
    images: Tensor
    extras: dict[str, Any]

    @property
    def n(self) -> int:
        """Every latent is a row."""
        return len(self.z)


class _OnePass(Sampler[Decoding, W]):
    """A VAE draws in one decoder pass: latents are ready at the start, one step decodes them."""

    def __init__(self, vae: VAE) -> None:
        self.vae = vae

    def _begin(self, request: Request[W], z: Tensor, **extras: Any) -> Decoding:
        blank = torch.zeros(len(z), *SHAPE)
        return Decoding(request, 0, 1, z, blank, {"z": z, **extras})

    def step(self, states: Sequence[Decoding]) -> None:
        """Decode the latents of all states at once."""
        z = torch.cat([state.z for state in states])
        images = fast(self.vae.decode, z, betas(states))
        deal(states, images=images.clamp(-1, 1))

    def preview(self, state: Decoding) -> View:
        """The decoded images, blank before the step."""
        return View(state.images, state.extras)


@dataclass(frozen=True)
class SampleParameters(WeightedParameters):
    """Of a draw from the prior.

    Attributes:
        temperature: scales the prior's standard deviation.
    """

    temperature: Temperature = 1.0


class VAESampler(_OnePass[SampleParameters]):
    """Random images: z from the prior N(0, temperature² I), decoded."""

    parameters = SampleParameters

    def start(self, request: Request[SampleParameters]) -> Decoding:
        """Draw z from the seed."""
        z = request.parameters.temperature * noise(request, self.vae.latent)
        return self._begin(request, z)


class VAEDecoder(_OnePass[WeightedParameters]):
    """Decode given ``latents`` [n, latent]."""

    parameters = WeightedParameters
    takes = ("latents",)

    @property
    def inputs(self) -> dict[str, Input]:
        """One vector an image."""
        return {"latents": Input((self.vae.latent,))}

    def start(self, request: Request[WeightedParameters]) -> Decoding:
        """Take the latents as they are."""
        return self._begin(request, self.given(request, "latents"))


@dataclass(frozen=True)
class InterpolationParameters(WeightedParameters):
    """Of a walk between two images.

    Attributes:
        points: decoded on the way, both ends included.
    """

    points: Annotated[int, Interval(ge=2, le=64)] = 16


class VAEInterpolation(_OnePass[InterpolationParameters]):
    """Decode points on the line between the means of two images."""

    parameters = InterpolationParameters
    takes = ("images",)
    max_n = 2

    @property
    def inputs(self) -> dict[str, Input]:
        """Both ends."""
        return {"images": Input(SHAPE, rows=2)}

    def start(self, request: Request[InterpolationParameters]) -> Decoding:
        """Encode both images."""
        beta = torch.full((2,), request.parameters.beta)
        mu, _ = self.vae.encode(self.given(request, "images"), beta)
        z = interpolate(mu[0], mu[1], request.parameters.points)
        return self._begin(request, z, mu=mu)


@dataclass
class Reconstruction(State):
    """Images on their way through the bottleneck."""

    originals: Tensor
    epsilon: Tensor
    mu: Tensor | None = None
    logvar: Tensor | None = None
    z: Tensor | None = None
    images: Tensor | None = None

    @property
    def key(self) -> int:
        """Encoding, sampling and decoding are batched apart."""
        return self.step


class VAEReconstruction(Sampler[Reconstruction, WeightedParameters]):
    """Given images: encode to mean and variance, sample z, decode; one step each."""

    parameters = WeightedParameters
    takes = ("images",)

    def __init__(self, vae: VAE) -> None:
        self.vae = vae

    @property
    def inputs(self) -> dict[str, Input]:
        """What is encoded."""
        return {"images": Input(SHAPE)}

    def start(self, request: Request[WeightedParameters]) -> Reconstruction:
        """Draw the noise of z from the seed."""
        images = self.given(request, "images")
        return Reconstruction(request, 0, 3, images, noise(request, self.vae.latent))

    def step(self, states: Sequence[Reconstruction]) -> None:
        """Encode, then sample, then decode."""
        if states[0].step == 0:
            originals = torch.cat([state.originals for state in states])
            mu, logvar = self.vae.encode(originals, betas(states))
            deal(states, mu=mu, logvar=logvar)
        elif states[0].step == 1:
            mu = torch.cat([s.mu for s in states if s.mu is not None])
            logvar = torch.cat([s.logvar for s in states if s.logvar is not None])
            epsilon = torch.cat([state.epsilon for state in states])
            deal(states, z=reparameterize(mu, logvar, epsilon))
        else:
            latents = torch.cat([s.z for s in states if s.z is not None])
            images = fast(self.vae.decode, latents, betas(states))
            deal(states, images=images.clamp(-1, 1))

    def preview(self, state: Reconstruction) -> View:
        """Originals, what there is of the latent by now, and the reconstructions when decoded."""
        extras: dict[str, Any] = {"originals": state.originals}
        if state.mu is not None and state.logvar is not None:
            extras |= {"mu": state.mu, "logvar": state.logvar, "sigma": (0.5 * state.logvar).exp()}
        if state.z is not None:
            extras["z"] = state.z
        if state.images is None:
            return View(torch.zeros_like(state.originals), extras)
        extras["rmse"] = rmse(state.images, state.originals)
        return View(state.images, extras)


class VAEEncoder(VAEReconstruction):
    """Only the first half: images to ``mu``, ``logvar`` and a sample ``z``."""

    def start(self, request: Request[WeightedParameters]) -> Reconstruction:
        """Stops before the decoder."""
        state = super().start(request)
        state.total = 2
        return state


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained VAE."""
    vae = checkpoint.build(VAE)
    return Model(vae, {action: kind(vae) for action, kind in PROCEDURES.items()})


PROCEDURES: dict[str, type[Any]] = {
    "sample": VAESampler,
    "reconstruct": VAEReconstruction,
    "interpolate": VAEInterpolation,
    "rates": VAERates,
    "plane": VAEPlane,
    "encode": VAEEncoder,
    "decode": VAEDecoder,
}
ARCHITECTURE = Architecture("vae", "vae", load, PROCEDURES)
