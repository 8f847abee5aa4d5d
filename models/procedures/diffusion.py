"""What a diffusion model does for a request: noise to image with guidance, image to noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import torch
from annotated_types import Interval
from torch import Tensor

from models.families.diffusion import CosineSchedule, T, ddim_step, ddpm_step, dpm_solver_step
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.procedures.guided import Denoising, GuidedParameters, GuidedSampler, times
from models.runtime.architecture import AnySampler, Architecture, Model, Parts
from models.runtime.parameters import GuidanceScale, Parameters
from models.runtime.randomness import noise, normal
from models.runtime.sampler import Input, Request, Sampler, State, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint

SHAPE = (3, 64, 64)


@dataclass(frozen=True)
class SampleParameters(GuidedParameters):
    """Of a draw by diffusion.

    Attributes:
        guidance_scale: by default where spoken prompts were measured to be obeyed best.
        solver: of the reverse process.
    """

    guidance_scale: GuidanceScale = 3.0
    solver: Literal["dpm-solver++", "ddim", "ddpm"] = "dpm-solver++"


class DiffusionSampler(GuidedSampler[SampleParameters]):
    """Noise → image by a solver of the reverse process."""

    parameters = SampleParameters

    def _update(
        self, states: Sequence[Denoising], x: Tensor, x0: Tensor, t: Tensor, s: Tensor
    ) -> Tensor:
        solver = states[0].request.parameters.solver
        if solver == "ddpm":
            fresh = normal([own for state in states for own in state.generators], *self.shape)
            return ddpm_step(self.schedule, x, x0, t, s, fresh)
        if solver == "ddim" or states[0].step == 0:
            return ddim_step(self.schedule, x, x0, t, s)
        earlier = torch.cat([state.x0 for state in states])
        return dpm_solver_step(self.schedule, x, x0, t, s, (earlier, times(states, -1)))

    def preview(self, state: Denoising) -> View:
        """x_t, with the clean image the network sees in it, t, ᾱ and the ``detour``.

        ``before`` is the x_t that the clean image was seen in, at the time ``t_before``;
        ``epsilon`` is the noise that both imply; ``prompted`` and ``plain`` are the images seen
        with and without the prompt; ``x`` is x_t as it is, ``origin`` the noise that it came from.
        """
        t = state.times[state.step]
        before = state.times[max(0, state.step - 1)]
        extras = {
            "x": state.x,
            "origin": state.origin,
            "detour": state.detour,
            "x0": state.x0,
            "before": state.before,
            "t_before": round(float(before) * T),
            "epsilon": self.schedule.to_epsilon(state.before, state.x0, before[None]),
            "prompted": state.prompted,
            "plain": state.plain,
            "t": round(float(t) * T),
            "alpha_bar": float(self.schedule.alpha_bar(t[None])),
        }
        return View(state.x.clamp(-1, 1), extras)


@dataclass
class Noising(State):
    """Images being noised, with one noise draw each for all times."""

    x0: Tensor
    epsilon: Tensor
    x: Tensor


@dataclass(frozen=True)
class NoisingParameters(Parameters):
    """Of the forward process.

    Attributes:
        num_steps: equal steps of t.
    """

    num_steps: Annotated[int, Interval(ge=2, le=100)] = 20


class DiffusionNoising(Sampler[Noising, NoisingParameters]):
    """The forward process: given images become noise in ``num_steps`` equal steps of t."""

    parameters = NoisingParameters
    takes = ("images",)

    def __init__(self, shape: tuple[int, int, int] = SHAPE) -> None:
        self.shape, self.schedule = shape, CosineSchedule()

    @property
    def inputs(self) -> dict[str, Input]:
        """What is noised."""
        return {"images": Input(self.shape)}

    def start(self, request: Request[NoisingParameters]) -> Noising:
        """Draw the noise from the seed."""
        images, steps = self.given(request, "images"), request.parameters.num_steps
        return Noising(request, 0, steps, images, noise(request, *self.shape), images)

    def step(self, states: Sequence[Noising]) -> None:
        """Jump to q(x_t | x0) at the next t: no network is needed to add noise."""
        for state in states:
            state.step += 1
            t = torch.full((state.n,), state.step / state.total)
            state.x = self.schedule.add_noise(state.x0, state.epsilon, t)

    def preview(self, state: Noising) -> View:
        """The image so far, its noise, t in 0 … T, ᾱ and signal-to-noise ratio."""
        t = torch.tensor([state.step / state.total])
        a = float(self.schedule.alpha_bar(t)) if state.step else 1.0
        snr = a / (1 - a) if a < 1 else math.inf
        t_of = round(float(t) * T)
        extras = {"epsilon": state.epsilon, "t": t_of, "alpha_bar": a, "snr": snr}
        return View(state.x.clamp(-1, 1), extras)


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained pixel diffusion model, which reads prompts by CLIP."""
    net = checkpoint.build(Denoiser)
    sampler = DiffusionSampler(net, parts.network("clip", CLIP).encode_text)
    return Model(net, {"sample": sampler, "noise": DiffusionNoising()})


PROCEDURES: dict[str, type[AnySampler]] = {"sample": DiffusionSampler, "noise": DiffusionNoising}
ARCHITECTURE = Architecture("diffusion", "diffusion", load, PROCEDURES)
