"""What the VAE does for a request: draw, reconstruct, interpolate, encode, decode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.families.vae import VAE, reparameterize, rmse
from models.runtime.checkpoint import FOLDER, load_checkpoint, load_into
from models.runtime.precision import fast
from models.runtime.sampler import Request, Sampler, State, View, noise, split_rows


@dataclass
class Decoding(State):
    """Latents to decode and, once decoded, their images."""

    z: Tensor
    images: Tensor
    extras: dict[str, Any]


class _OnePass(Sampler[Decoding]):
    """A VAE draws in one decoder pass: latents are ready at the start, one step decodes them."""

    def __init__(self, vae: VAE) -> None:
        self.vae = vae

    def _begin(self, request: Request, z: Tensor, **extras: Any) -> Decoding:
        blank = torch.zeros(len(z), 3, 64, 64)
        return Decoding(request, 0, 1, z, blank, {"z": z, **extras})

    def step(self, states: Sequence[Decoding]) -> None:
        """Decode the latents of all states at once."""
        images = fast(self.vae.decode, torch.cat([s.z for s in states]))
        parts = images.clamp(-1, 1).split([len(s.z) for s in states])
        for state, part in zip(states, parts, strict=True):
            state.images, state.step = part, 1

    def preview(self, state: Decoding) -> View:
        """The decoded images, blank before the step."""
        return View(state.images, state.extras)


class VAESampler(_OnePass):
    """Random images: z from the prior N(0, temperature² I), decoded."""

    def start(self, request: Request) -> Decoding:
        """``temperature`` in 0 … 2 scales the prior's standard deviation, by default 1."""
        temperature = 1.0 if request.temperature is None else request.temperature
        if not 0 <= temperature <= 2:
            raise ValueError(f"temperature must be between 0 and 2, not {temperature:g}")
        return self._begin(request, temperature * noise(request, self.vae.latent))


class VAEDecoder(_OnePass):
    """Decode given latents, ``request.images`` [n, latent]."""

    def start(self, request: Request) -> Decoding:
        """Raises ValueError when the latents have another shape."""
        z = request.images
        if z is None or z.ndim != 2 or z.shape[1] != self.vae.latent:
            raise ValueError(f"the VAE decodes latents of {self.vae.latent} numbers each")
        return self._begin(request, z)


class VAEInterpolation(_OnePass):
    """Decode points on the line between the means of two images (option ``points``)."""

    def start(self, request: Request) -> Decoding:
        """Encode both images; ``points`` in 2 … 64, by default 16, ends included."""
        images, points = request.images, int(request.option("points", 16))
        if images is None or len(images) != 2:
            raise ValueError("interpolation needs exactly two images")
        if not 2 <= points <= 64:
            raise ValueError("interpolation needs 2 to 64 points")
        mu, _ = self.vae.encode(images)
        weights = torch.linspace(0, 1, points)[:, None]
        return self._begin(request, torch.lerp(mu[:1], mu[1:], weights), mu=mu)

    def preview(self, state: Decoding) -> View:
        """The points decoded so far."""
        return View(state.images, state.extras)


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


class VAEReconstruction(Sampler[Reconstruction]):
    """Given images: encode to mean and variance, sample z, decode; one step each."""

    def __init__(self, vae: VAE) -> None:
        self.vae = vae

    def start(self, request: Request) -> Reconstruction:
        """``request.images`` [n, 3, 64, 64] are what is encoded."""
        images = request.images
        if images is None or images.shape[1:] != (3, 64, 64):
            raise ValueError("reconstruction needs images of 64 by 64 pixels")
        return Reconstruction(request, 0, 3, images, noise(request, self.vae.latent))

    def step(self, states: Sequence[Reconstruction]) -> None:
        """Encode, then sample, then decode."""
        if states[0].step == 0:
            mu, logvar = self.vae.encode(torch.cat([s.originals for s in states]))
            pairs = zip(split_rows(mu, states), split_rows(logvar, states), strict=True)
            for state, (m, v) in zip(states, pairs, strict=True):
                state.mu, state.logvar = m, v
        elif states[0].step == 1:
            for state in states:
                assert state.mu is not None
                assert state.logvar is not None
                state.z = reparameterize(state.mu, state.logvar, state.epsilon)
        else:
            latents = [s.z for s in states if s.z is not None]
            images = fast(self.vae.decode, torch.cat(latents)).clamp(-1, 1)
            for state, part in zip(states, split_rows(images, states), strict=True):
                state.images = part
        for state in states:
            state.step += 1

    def preview(self, state: Reconstruction) -> View:
        """Originals, what is known of the latent by now, and the reconstructions when decoded."""
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

    def start(self, request: Request) -> Reconstruction:
        """Stops before the decoder."""
        state = super().start(request)
        state.total = 2
        return state


def load(name: str = "vae", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """The trained VAE's procedures.

    Raises:
        CheckpointError: see :func:`models.runtime.checkpoint.load_checkpoint`.
    """
    weights, _ = load_checkpoint(name, folder)
    vae = VAE()
    load_into(vae, weights, name)
    return {
        "sample": VAESampler(vae),
        "reconstruct": VAEReconstruction(vae),
        "interpolate": VAEInterpolation(vae),
        "encode": VAEEncoder(vae),
        "decode": VAEDecoder(vae),
    }
