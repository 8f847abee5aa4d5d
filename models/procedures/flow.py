"""What a trained flow does for a request: noise to image, image to noise, and there and back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.families.flow import NETWORKS, Flow, FlowBlock, bits_per_dim, denoise, log_prob
from models.runtime.checkpoint import FOLDER, load_checkpoint, load_into
from models.runtime.sampler import Request, Sampler, State, View, noise, split_rows

GUIDANCE = 2.0
"""Scale by default."""
TEMPERATURES = {"flow": 1.0, "fashion-flow": 0.85}
"""By default: photos of clothes, whose pixels are noisier, gain by a cooled Gaussian."""
SAMPLING = f"temperature {TEMPERATURES['flow']:g}, guidance {GUIDANCE:g}, training noise removed"
"""Of faces, for the card."""


@dataclass
class Mapping(State):
    """Tokens on their way through the blocks, in either direction.

    Attributes:
        x: the tokens now, [n, tokens, values].
        logdet: log-determinant gathered on the way to noise, [n].
        given: what the way began with, for the error of the round trip.
        results: extras known so far.
        guidance_scale: of the way back, 1 for the exact inverse.
    """

    x: Tensor
    logdet: Tensor
    given: Tensor
    results: dict[str, Any] = field(default_factory=dict)
    guidance_scale: float = 1.0

    @property
    def key(self) -> int:
        """Together only at the same block."""
        return self.step


class _Maps(Sampler[Mapping]):
    """What the flow's procedures share: blocks applied to a batch of states."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    def _forward(self, states: Sequence[Mapping], index: int) -> None:
        z, logdet = self.flow.blocks[index](torch.cat([s.x for s in states]))
        parts = zip(split_rows(z, states), split_rows(logdet, states), strict=True)
        for state, (x, part) in zip(states, parts, strict=True):
            state.x, state.logdet = x, state.logdet + part
            state.step += 1

    def _inverse(self, states: Sequence[Mapping], index: int) -> None:
        block = self.flow.blocks[index]
        assert isinstance(block, FlowBlock)
        scales = torch.tensor([s.guidance_scale for s in states for _ in s.x])
        guidance = scales if bool((scales != 1).any()) else None
        x = block.inverse(torch.cat([s.x for s in states]), guidance)
        for state, part in zip(states, split_rows(x, states), strict=True):
            state.x = part
            state.step += 1

    def _likelihood(self, state: Mapping) -> None:
        density = log_prob(state.x, state.logdet)
        values = state.x[0].numel()
        state.results |= {
            "z": self.flow.unpatchify(state.x),
            "log_prob": density,
            "bits_per_dim": bits_per_dim(density, values),
        }

    def _images(self, request: Request) -> Tensor:
        images, (channels, side, _) = request.images, self.flow.shape
        if images is None or images.shape[1:] != self.flow.shape:
            kind = "gray" if channels == 1 else "color"
            raise ValueError(f"the flow needs {kind} images of {side} by {side} pixels")
        return images

    @abstractmethod
    def _depth(self, state: Mapping) -> int:
        """How many blocks lie between the images and what the state holds."""

    def preview(self, state: Mapping) -> View:
        """The tokens as an image; noise spans more than [-1, 1] and is shown at a third.

        Extras: ``block``, how many were passed, of how many ``blocks``, and what is known so far.
        """
        shown = self.flow.unpatchify(state.x)
        shown = shown * (1 - 2 / 3 * self._depth(state) / len(self.flow.blocks))
        shown = shown.clamp(-1, 1).expand(-1, 3, -1, -1)  # gray as red, green and blue
        blocks = len(self.flow.blocks)
        return View(shown, {"block": state.step, "blocks": blocks, **state.results})


class FlowDecoder(_Maps):
    """Given noise, ``request.images`` as :class:`FlowEncoder` gives it → image."""

    def start(self, request: Request) -> Mapping:
        """Raises ValueError when the noise has another shape."""
        return self._begin(request, self._images(request))

    def _begin(self, request: Request, z: Tensor) -> Mapping:
        tokens = self.flow.patchify(z)
        return Mapping(request, 0, len(self.flow.blocks), tokens, torch.zeros(len(z)), tokens)

    def _depth(self, state: Mapping) -> int:
        return max(0, len(self.flow.blocks) - state.step)

    def step(self, states: Sequence[Mapping]) -> None:
        """Undo the last block not yet undone."""
        self._inverse(states, len(self.flow.blocks) - 1 - states[0].step)


class FlowSampler(FlowDecoder):
    """Noise → image, one block inverted a step; then the training noise, if any, is taken off.

    ``temperature`` scales the Gaussian that is drawn from; ``guidance_scale`` 1 draws from the
    density that the flow has learned, more makes shapes clearer (:meth:`FlowBlock.inverse`).

    Args:
        temperature: by default.
    """

    def __init__(self, flow: Flow, temperature: float = 1.0) -> None:
        super().__init__(flow)
        self.temperature = temperature

    def start(self, request: Request) -> Mapping:
        """Draw z; ``temperature`` in 0 … 2, ``guidance_scale`` in 1 … 10."""
        temperature = self.temperature if request.temperature is None else request.temperature
        if not 0 <= temperature <= 2:
            raise ValueError(f"temperature must be between 0 and 2, not {temperature:g}")
        scale = GUIDANCE if request.guidance_scale is None else request.guidance_scale
        if not 1 <= scale <= 10:
            raise ValueError(f"the flow's guidance must be between 1 and 10, not {scale:g}")
        state = self._begin(request, temperature * noise(request, *self.flow.shape))
        state.guidance_scale = scale
        state.total += self.flow.noise > 0
        return state

    def step(self, states: Sequence[Mapping]) -> None:
        """Undo a block, or denoise what the last one left."""
        if states[0].step < len(self.flow.blocks):
            super().step(states)
            return
        noisy = self.flow.unpatchify(torch.cat([s.x for s in states]))
        clean = self.flow.patchify(denoise(self.flow, noisy))
        for state, part in zip(states, split_rows(clean, states), strict=True):
            state.x = part
            state.step += 1


class FlowEncoder(_Maps):
    """Image → noise with the exact likelihood: extras ``z``, ``log_prob``, ``bits_per_dim``.

    Pixels are dequantized with uniform noise of one 8-bit level, drawn from the seed.
    """

    def start(self, request: Request) -> Mapping:
        """``request.images`` in [-1, 1], of the flow's shape."""
        images = self._images(request)
        generator = torch.Generator().manual_seed(request.seed)
        grain = (torch.rand(images.shape, generator=generator) - 0.5) / 127.5
        tokens = self.flow.patchify(images + grain)
        return Mapping(request, 0, len(self.flow.blocks), tokens, torch.zeros(len(images)), tokens)

    def _depth(self, state: Mapping) -> int:
        return min(state.step, 2 * len(self.flow.blocks) - state.step)  # there, and perhaps back

    def step(self, states: Sequence[Mapping]) -> None:
        """Apply the next block."""
        self._forward(states, states[0].step)
        for state in states:
            if state.step == len(self.flow.blocks):
                self._likelihood(state)


class FlowRoundTrip(FlowEncoder):
    """Image → noise → the same image; ends with the largest ``error``."""

    def start(self, request: Request) -> Mapping:
        """Images to send there and back; random pixels without any."""
        if request.images is None:
            pixels = noise(request, *self.flow.shape).clamp(-1, 1)
            state = super().start(Request(n=request.n, seed=request.seed, images=pixels))
            state.request = request
        else:
            state = super().start(request)
        state.total *= 2
        state.results["phase"] = "forward"
        return state

    def step(self, states: Sequence[Mapping]) -> None:
        """The next block forward, or after the last one backward."""
        total = len(self.flow.blocks)
        index = states[0].step
        if index < total:
            super().step(states)
            return
        self._inverse(states, 2 * total - 1 - index)
        for state in states:
            state.results["phase"] = "inverse"
            if state.done:
                state.results["error"] = float((state.x - state.given).abs().max())


def load(name: str = "flow", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """A trained flow's procedures.

    Raises:
        CheckpointError: see :func:`models.runtime.checkpoint.load_checkpoint`.
    """
    weights, _ = load_checkpoint(name, folder)
    flow = NETWORKS[name]()
    load_into(flow, weights, name)
    return {
        "sample": FlowSampler(flow, TEMPERATURES[name]),
        "roundtrip": FlowRoundTrip(flow),
        "encode": FlowEncoder(flow),
        "decode": FlowDecoder(flow),
    }
