"""What the autoregressive model of raw pixels does for a request: write photos, a patch a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.families.patch_autoregressive import (
    PATCHES,
    PIXELS,
    PatchGPT,
    brightness,
    draw,
    to_pixels,
    unpatchify,
)
from models.parts.layers import Past, TransformerBlock
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.checkpoint import Checkpoint
from models.runtime.parameters import Parameters, Temperature
from models.runtime.randomness import uniforms
from models.runtime.sampler import Request, Sampler, State, View, split_rows


@dataclass
class Writing(State):
    """Images being written, a patch a step.

    Attributes:
        patches: levels, int64 [n, 49, 16]; the first ``step`` patches are known.
        uniforms: the random number that decides each pixel, [n, 49, 16].
        pasts: keys and values of what was read, one a layer.
    """

    patches: Tensor
    uniforms: Tensor
    pasts: list[Past]
    temperature: float

    @property
    def key(self) -> int:
        """Together only at the same patch."""
        return self.step


@dataclass(frozen=True)
class SampleParameters(Parameters):
    """Of a draw.

    Attributes:
        temperature: 0 takes the likeliest level of every pixel.
    """

    temperature: Temperature = 1.0


class PatchSampler(Sampler[Writing, SampleParameters]):
    """Nothing → image, from top left to bottom right, 16 pixels a step."""

    parameters = SampleParameters

    def __init__(self, net: PatchGPT) -> None:
        self.net = net

    def start(self, request: Request[SampleParameters]) -> Writing:
        """Nothing drawn, nothing read."""
        blank = torch.zeros(request.n, PATCHES, PIXELS, dtype=torch.int64)
        pasts = [block.past(self.net.start, request.n, PATCHES) for block in self._blocks]
        decisive = uniforms(request, PATCHES, PIXELS)
        return Writing(request, 0, PATCHES, blank, decisive, pasts, request.parameters.temperature)

    @property
    def _blocks(self) -> list[TransformerBlock]:
        return [block for block in self.net.blocks if isinstance(block, TransformerBlock)]

    def step(self, states: Sequence[Writing]) -> None:
        """Read the last patch, then draw the pixels of the next one by one."""
        i = states[0].step
        patches = torch.cat([s.patches for s in states])
        context = self._read(states, patches[:, i - 1] if i else None)
        decisive = torch.cat([s.uniforms[:, i] for s in states])
        temperatures = torch.cat(
            [torch.full((s.request.n, 1), s.temperature, dtype=torch.float64) for s in states]
        )
        for j in range(PIXELS):
            logits = self.net.local(context[:, j], patches, self.net.around[i, j])
            patches[:, i, j] = draw(logits, temperatures, decisive[:, j])
        for state, part in zip(states, split_rows(patches, states), strict=True):
            state.patches = part
            state.step += 1

    def _read(self, states: Sequence[Writing], patch: Tensor | None) -> Tensor:
        """The next patch's context [n, 16, local_dim]; the pasts grow by the patch read."""
        net, i = self.net, states[0].step
        n = sum(s.request.n for s in states)
        h = net.start.expand(n, -1) if patch is None else net.embed_patch(brightness(patch))
        h = (h + net.place[i])[:, None]
        for k, block in enumerate(self._blocks):
            h = block.read_on(h, [s.pasts[k] for s in states])
        out: Tensor = net.to_local(net.norm(h[:, 0])).unflatten(-1, (PIXELS, -1))
        return out

    def preview(self, state: Writing) -> View:
        """The pixels so far, gray where there is none yet, as [n, 3, 28, 28]."""
        known = torch.arange(PATCHES)[:, None] < state.step
        shown = unpatchify(torch.where(known, to_pixels(state.patches), 0.0))
        return View(shown[:, None].expand(-1, 3, -1, -1), {"position": state.step})


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained model."""
    net = checkpoint.build(PatchGPT)
    return Model(net, {"sample": PatchSampler(net)})


ARCHITECTURE = Architecture(
    "patch_autoregressive", "autoregressive", load, {"sample": PatchSampler}
)
