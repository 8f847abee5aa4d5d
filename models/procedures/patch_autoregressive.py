"""What the autoregressive model of raw pixels does for a request: write photos, a patch a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.families.patch_autoregressive import (
    PATCHES,
    PIXELS,
    PatchGPT,
    to_pixels,
    unpatchify,
    write_patch,
)
from models.parts.transformer import Past
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import Parameters, Temperature
from models.runtime.randomness import uniforms
from models.runtime.sampler import Request, Sampler, State, View, deal, per_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint


@dataclass
class Writing(State):
    """Images being written, a patch a step.

    Attributes:
        patches: levels, int64 [n, 49, 16], of which the first ``step`` are drawn.
        uniforms: the random number that decides each pixel, [n, 49, 16].
        past: the patches that were read.
    """

    patches: Tensor
    uniforms: Tensor
    past: Past

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
        past = self.net.blocks.past(self.net.start, request.n, PATCHES)
        return Writing(request, 0, PATCHES, blank, uniforms(request, PATCHES, PIXELS), past)

    def step(self, states: Sequence[Writing]) -> None:
        """Read the last patch, then draw the pixels of the next one by one."""
        i = states[0].step
        patches = torch.cat([s.patches for s in states])
        context = self.net.read_on(patches[:, i - 1] if i else None, [s.past for s in states])
        temperatures = (s.request.parameters.temperature for s in states)
        drawn = write_patch(
            self.net,
            context,
            patches,
            i,
            temperature=per_row(states, temperatures, torch.float64)[:, None],
            uniform=torch.cat([s.uniforms[:, i] for s in states]),
        )
        deal(states, patches=drawn)

    def preview(self, state: Writing) -> View:
        """The pixels so far, gray where there is none yet, as [n, 3, 28, 28]."""
        drawn = torch.arange(PATCHES)[:, None] < state.step
        shown = unpatchify(torch.where(drawn, to_pixels(state.patches), 0.0))
        return View(shown[:, None].expand(-1, 3, -1, -1), {"position": state.step})


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained model."""
    net = checkpoint.build(PatchGPT)
    return Model(net, {"sample": PatchSampler(net)})


ARCHITECTURE = Architecture(
    "patch_autoregressive", "autoregressive", load, {"sample": PatchSampler}
)
