"""What a trained flow does for a request: noise to image, image to noise, and there and back."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import torch
from annotated_types import Interval
from torch import Tensor

from models.data.pixels import LEVEL
from models.families.flow import Flow, FlowBlock, bits_per_dim, denoise, log_prob
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import Parameters, Temperature
from models.runtime.randomness import noise, uniforms
from models.runtime.sampler import Input, Request, Sampler, State, View, deal, per_row, split_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint

P = TypeVar("P", bound=Parameters)


@dataclass
class Passage(State):
    """Tokens between two blocks, in either direction.

    Attributes:
        x: the tokens now, [n, tokens, values].
        given: the tokens at the start, for the error of the round trip.
        path: the tokens before each step that was taken.
        logdets: log-determinant of each block passed on the way to noise, [n].
        results: extras so far.
        guidance_scale: of the inverse, 1 for the exact one.
    """

    x: Tensor
    given: Tensor
    path: list[Tensor] = field(default_factory=list)
    logdets: list[Tensor] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    guidance_scale: float = 1.0

    @property
    def key(self) -> int:
        """Together only at the same block."""
        return self.step

    @property
    def rows(self) -> int:
        """Guidance reads every row twice."""
        return self.n * (2 if self.guidance_scale != 1 else 1)


class _Maps(Sampler[Passage, P]):
    """What the flow's procedures share: blocks applied to a batch of states."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    def _forward(self, states: Sequence[Passage], index: int) -> None:
        z, logdet = self.flow.blocks[index](torch.cat([state.x for state in states]))
        for state, part in zip(states, split_rows(logdet, states), strict=True):
            state.logdets.append(part)
        self._walk(states, z)

    def _inverse(self, states: Sequence[Passage], index: int) -> None:
        block = self.flow.blocks[index]
        assert isinstance(block, FlowBlock)
        scales = [state.guidance_scale for state in states]
        guidance = per_row(states, scales) if any(scale != 1 for scale in scales) else None
        self._walk(states, block.inverse(torch.cat([state.x for state in states]), guidance))

    @staticmethod
    def _walk(states: Sequence[Passage], x: Tensor) -> None:
        """End a step at new tokens."""
        for state in states:
            state.path.append(state.x)
        deal(states, x=x)

    def _likelihood(self, state: Passage) -> None:
        density = log_prob(state.x, torch.stack(state.logdets).sum(0))
        values = state.x[0].numel()
        state.results |= {
            "z": self.flow.unpatchify(state.x),
            "log_prob": density,
            "bits_per_dim": bits_per_dim(density, values),
        }

    @abstractmethod
    def _depth(self, step: int) -> int:
        """How many blocks lie between the images and the tokens after so many steps."""

    def _shown(self, tokens: Tensor, step: int) -> Tensor:
        """As an image; noise spans more than [-1, 1] and is shown at a third."""
        scale = 1 - 2 / 3 * self._depth(step) / len(self.flow.blocks)
        shown = (scale * self.flow.unpatchify(tokens)).clamp(-1, 1)
        return shown.expand(-1, 3, -1, -1)  # gray as red, green and blue

    def preview(self, state: Passage) -> View:
        """The tokens as an image.

        Extras: ``block``, how many were passed, of how many ``blocks``; ``path``, the images at the
        start and after every step, [step + 1, n, 3, H, W]; ``logdets`` of the blocks passed on the
        way to noise, [blocks, n]; and the results so far.
        """
        tokens = [*state.path, state.x]
        path = torch.stack([self._shown(x, step) for step, x in enumerate(tokens)])
        extras: dict[str, Any] = {
            "block": state.step,
            "blocks": len(self.flow.blocks),
            "path": path,
        }
        if state.logdets:
            extras["logdets"] = torch.stack(state.logdets)
        return View(path[-1], {**extras, **state.results})


class _FromNoise(_Maps[P]):
    """From noise to images, one block undone a step."""

    def _begin(self, request: Request[P], z: Tensor) -> Passage:
        tokens = self.flow.patchify(z)
        return Passage(request, 0, len(self.flow.blocks), tokens, tokens)

    def _depth(self, step: int) -> int:
        return max(0, len(self.flow.blocks) - step)

    def step(self, states: Sequence[Passage]) -> None:
        """Undo the last block not yet undone."""
        self._inverse(states, len(self.flow.blocks) - 1 - states[0].step)


class FlowDecoder(_FromNoise[Parameters]):
    """Given ``latents``, noise [n, C, H, W] as :class:`FlowEncoder` gives it → image."""

    takes = ("latents",)

    @property
    def inputs(self) -> dict[str, Input]:
        """Noise in the shape of the images."""
        return {"latents": Input(self.flow.shape)}

    def start(self, request: Request[Parameters]) -> Passage:
        """Take the noise as it is."""
        return self._begin(request, self.given(request, "latents"))


@dataclass(frozen=True)
class SampleParameters(Parameters):
    """Of a draw.

    Attributes:
        temperature: scales the Gaussian that is drawn from.
        guidance_scale: 1 draws from the density that the flow has learned, more makes shapes
            clearer, see :meth:`models.families.flow.FlowBlock.inverse`.
    """

    temperature: Temperature = 1.0
    guidance_scale: Annotated[float, Interval(ge=1, le=10)] = 2.0


def sampling() -> str:
    """How faces are drawn by default, for a card."""
    asked = SampleParameters()
    return (
        f"temperature {asked.temperature:g}, guidance {asked.guidance_scale:g}, "
        "training noise removed"
    )


class FlowSampler(_FromNoise[SampleParameters]):
    """Noise → image, one block inverted a step; then the training noise, if any, is taken off."""

    parameters = SampleParameters
    max_n = 64

    def start(self, request: Request[SampleParameters]) -> Passage:
        """Draw z from the seed."""
        asked = request.parameters
        state = self._begin(request, asked.temperature * noise(request, *self.flow.shape))
        state.guidance_scale = asked.guidance_scale
        state.total += self.flow.noise > 0
        return state

    def step(self, states: Sequence[Passage]) -> None:
        """Undo a block, or denoise what the last one left."""
        if states[0].step < len(self.flow.blocks):
            super().step(states)
            return
        noisy = self.flow.unpatchify(torch.cat([state.x for state in states]))
        self._walk(states, self.flow.patchify(denoise(self.flow, noisy)))


@dataclass(frozen=True)
class EncodeParameters(Parameters):
    """Of the way to noise.

    Attributes:
        training_noise: whether images first get the Gaussian noise that the flow was trained with;
            a flow has learned no density for clean images, and their z is not Gaussian.
    """

    training_noise: bool = False


class FlowEncoder(_Maps[EncodeParameters]):
    """Image → noise with the exact likelihood: extras ``z``, ``log_prob``, ``bits_per_dim``.

    Pixels are dequantized with uniform noise of one 8-bit level, drawn from the seed.
    """

    parameters = EncodeParameters
    takes = ("images",)

    @property
    def inputs(self) -> dict[str, Input]:
        """Images of the flow's shape in [-1, 1]."""
        return {"images": Input(self.flow.shape)}

    def start(self, request: Request[EncodeParameters]) -> Passage:
        """Dequantize the images."""
        return self._send(request, self.given(request, "images"))

    def _send(self, request: Request[EncodeParameters], images: Tensor) -> Passage:
        if request.parameters.training_noise and self.flow.noise:
            images = images + self.flow.noise * noise(request, *self.flow.shape, stream="training")
        within = LEVEL * (uniforms(request, *self.flow.shape, stream="dequantization") - 0.5)
        tokens = self.flow.patchify(images + within)
        return Passage(request, 0, len(self.flow.blocks), tokens, tokens)

    def _depth(self, step: int) -> int:
        return min(step, 2 * len(self.flow.blocks) - step)  # there, and perhaps back

    def step(self, states: Sequence[Passage]) -> None:
        """Apply the next block."""
        self._forward(states, states[0].step)
        for state in states:
            if state.step == len(self.flow.blocks):
                self._likelihood(state)


class FlowRoundTrip(FlowEncoder):
    """Image → noise → the same image; ends with the largest ``error``."""

    @property
    def inputs(self) -> dict[str, Input]:
        """Images, or none for random pixels."""
        return {"images": Input(self.flow.shape, required=False)}

    def start(self, request: Request[EncodeParameters]) -> Passage:
        """Images to send there and back; random pixels without any."""
        if "images" in request.inputs:
            images = self.given(request, "images")
        else:
            images = noise(request, *self.flow.shape).clamp(-1, 1)
        state = self._send(request, images)
        state.total *= 2
        state.results["phase"] = "forward"
        return state

    def step(self, states: Sequence[Passage]) -> None:
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


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """A trained flow."""
    flow = checkpoint.build(Flow)
    return Model(flow, {action: kind(flow) for action, kind in PROCEDURES.items()})


PROCEDURES: dict[str, type[Any]] = {
    "sample": FlowSampler,
    "roundtrip": FlowRoundTrip,
    "encode": FlowEncoder,
    "decode": FlowDecoder,
}
ARCHITECTURE = Architecture("flow", "flow", load, PROCEDURES)
