"""What a diffusion model does for a request: noise to image with guidance, image to noise."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal, Protocol, TypeVar

import torch
from annotated_types import Interval
from torch import Tensor

from models.families.diffusion import (
    CosineSchedule,
    T,
    ddim_step,
    ddpm_step,
    dpm_solver_step,
    guide,
    time_grid,
)
from models.parts.clip import CLIP, TextFeatures
from models.parts.denoiser import Denoiser, concatenate, repeat
from models.runtime.acceleration import FusedStep, accelerate
from models.runtime.architecture import AnySampler, Architecture, Model, Parts
from models.runtime.checkpoint import Checkpoint
from models.runtime.parameters import GuidanceScale, Parameters, Prompted
from models.runtime.precision import fast
from models.runtime.randomness import generator, noise
from models.runtime.sampler import Input, Request, Sampler, State, View, split_rows

SHAPE = (3, 64, 64)
READ = 256
"""How many prompts a sampler remembers."""


@dataclass
class Denoising(State):
    """A trajectory x_1 → x_0.

    Attributes:
        x: where it is, [n, C, H, W].
        times: the grid, float [total + 1].
        text: features of the prompt and, under guidance, of the empty prompt.
        generators: one a row, for the noise of ancestral steps.
        x0: last clean prediction; ``earlier`` the one before it.
        origin, way: where each row began, and the length of its way since then, [n].
    """

    x: Tensor
    times: Tensor
    text: TextFeatures
    empty: TextFeatures
    guidance_scale: float
    generators: list[torch.Generator]
    x0: Tensor
    origin: Tensor
    way: Tensor
    earlier: Tensor | None = None

    @property
    def detour(self) -> float:
        """Length of the way gone over the straight line to where it led: 1 is straight."""
        straight = _length(self.x - self.origin)
        return float((self.way / straight.clamp(min=1e-8)).mean()) if self.step else 1.0

    @property
    def guided(self) -> bool:
        """Whether the step needs the unconditional branch too."""
        return self.guidance_scale != 1

    @property
    def key(self) -> tuple[str, bool, bool]:
        """Same solver, same order, guided or not."""
        return self.request.parameters.solver, self.earlier is None, self.guided

    @property
    def rows(self) -> int:
        """Guidance doubles the batch."""
        return self.request.n * (2 if self.guided else 1)


def _length(x: Tensor) -> Tensor:
    """Euclidean length of every row, [n, …] → [n]."""
    length: Tensor = torch.linalg.vector_norm(x.flatten(1), dim=1)
    return length


class Reader(Protocol):
    """What turns prompts into features that a denoiser understands: CLIP, for one."""

    def encode_text(self, prompts: list[str]) -> TextFeatures:
        """Features of n prompts, the empty one among them."""


NumSteps = Annotated[int, Interval(ge=1, le=T)]
"""Calls of the network, two rows each under guidance."""


@dataclass(frozen=True)
class GuidedParameters(Prompted):
    """Of a guided draw along a grid of times.

    Attributes:
        num_steps: of the solver.
        guidance_scale: without a prompt nothing is amplified.
    """

    num_steps: NumSteps = 20
    guidance_scale: GuidanceScale = 2.0


G = TypeVar("G", bound=GuidedParameters)


@dataclass(frozen=True)
class SampleParameters(GuidedParameters):
    """Of a draw by diffusion.

    Attributes:
        solver: of the reverse process.
    """

    solver: Literal["dpm-solver++", "ddim", "ddpm"] = "dpm-solver++"


class GuidedSampler(Sampler[Denoising, G]):
    """Noise → image with classifier-free guidance (Ho & Salimans, 2022).

    Args:
        net: its output is read by :meth:`clean`.
        reader: conditions the network on the prompt.
        shape: of one sample, [C, H, W].
    """

    max_n = 64

    def __init__(
        self, net: Denoiser, reader: Reader, shape: tuple[int, int, int] = (3, 64, 64)
    ) -> None:
        self.net, self.reader, self.shape = net, reader, shape
        self.schedule = CosineSchedule()
        self.read = lru_cache(READ)(self._read)
        """A prompt as the network reads it: once, while it is among the last :data:`READ`."""
        self._fused: FusedStep | None = None

    def start(self, request: Request[G]) -> Denoising:
        """Draw x_1 from the seed."""
        asked = request.parameters
        steps = asked.num_steps
        # Without a prompt there is nothing to amplify.
        scale = asked.guidance_scale if asked.prompt.strip() else 1.0
        x = noise(request, *self.shape)
        generators = [generator(request.seed, row, "ancestral") for row in range(request.n)]
        return Denoising(
            request, 0, steps, x, time_grid(steps), repeat(self.read(asked.prompt), request.n),
            self.empty_text(request.n), scale, generators, torch.zeros_like(x),
            x, torch.zeros(request.n),
        )  # fmt: skip

    def empty_text(self, n: int) -> TextFeatures:
        """The empty prompt, read for n images."""
        return repeat(self.read(""), n)

    @torch.inference_mode()
    def _read(self, prompt: str) -> TextFeatures:
        read: TextFeatures = self.net.read(self.reader.encode_text([prompt]))
        return read

    def step(self, states: Sequence[Denoising]) -> None:
        """One network call for all trajectories, each at its own time, then the solver's update."""
        x = torch.cat([s.x for s in states])
        t, s = (
            torch.cat([st.times[st.step + j].expand(st.request.n) for st in states]) for j in (0, 1)
        )
        x0 = self._predict(states, x, t)
        updated = self._update(states, x, x0, t, s)
        parts = zip(split_rows(updated, states), split_rows(x0, states), strict=True)
        for state, (new, clean) in zip(states, parts, strict=True):
            state.way = state.way + _length(new - state.x)
            state.x, state.earlier, state.x0 = new, clean, clean
            state.step += 1

    def _predict(self, states: Sequence[Denoising], x: Tensor, t: Tensor) -> Tensor:
        """The guided clean prediction, clipped to the data's range."""
        text = concatenate([s.text for s in states])
        if states[0].guided:
            both = concatenate([text, concatenate([s.empty for s in states])])
            cond, uncond = self._denoise(torch.cat([x, x]), torch.cat([t, t]), both).chunk(2)
            scale = torch.cat(
                [torch.full((s.request.n, 1, 1, 1), s.guidance_scale) for s in states]
            )
            output = guide(cond, uncond, scale)
        else:
            output = self._denoise(x, t, text)
        return self.clip_x0(self.clean(x, output, t))

    def prepare(self, threads: int = 0) -> None:
        """Let OpenVINO run the network where that is faster."""
        with torch.inference_mode(False):
            self._fused = accelerate(self.net, self.shape, self.empty_text(2), threads)

    def _denoise(self, x: Tensor, t: Tensor, text: TextFeatures) -> Tensor:
        if self._fused is not None:
            return self._fused(x, t, text)
        return fast(self.net.denoise, x, t, text)

    def clean(self, x: Tensor, output: Tensor, t: Tensor) -> Tensor:
        """The clean prediction in the network's output: here it is the output."""
        return output

    def clip_x0(self, x0: Tensor) -> Tensor:
        """Pixels lie in [-1, 1]."""
        return x0.clamp(-1, 1)

    @abstractmethod
    def _update(
        self, states: Sequence[Denoising], x: Tensor, x0: Tensor, t: Tensor, s: Tensor
    ) -> Tensor:
        """The solver's step from t to s, given the clean prediction."""


class DiffusionSampler(GuidedSampler[SampleParameters]):
    """Noise → image by a solver of the reverse process."""

    parameters = SampleParameters

    def _update(
        self, states: Sequence[Denoising], x: Tensor, x0: Tensor, t: Tensor, s: Tensor
    ) -> Tensor:
        first = states[0]
        solver = first.request.parameters.solver
        if solver == "ddpm":
            fresh = torch.cat(
                [torch.randn(1, *self.shape, generator=g) for st in states for g in st.generators]
            )
            return ddpm_step(self.schedule, x, x0, t, s, fresh)
        if solver == "ddim" or first.earlier is None:
            return ddim_step(self.schedule, x, x0, t, s)
        earlier = torch.cat([st.earlier for st in states if st.earlier is not None])
        r = torch.cat([st.times[st.step - 1].expand(st.request.n) for st in states])
        return dpm_solver_step(self.schedule, x, x0, t, s, (earlier, r))

    def preview(self, state: Denoising) -> View:
        """x_t, with the clean image the network sees in it, t, ᾱ and the ``detour``."""
        t = state.times[state.step]
        extras = {
            "detour": state.detour,
            "x0": state.x0,
            "t": round(float(t) * T),
            "alpha_bar": float(self.schedule.alpha_bar(t[None])),
        }
        return View(state.x.clamp(-1, 1), extras)


@dataclass
class Noising(State):
    """Images on their way to noise, one noise draw each for the whole way."""

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
            t = torch.full((state.request.n,), state.step / state.total)
            state.x = self.schedule.add_noise(state.x0, state.epsilon, t)

    def preview(self, state: Noising) -> View:
        """The image so far, its t in 0 … T, ᾱ and signal-to-noise ratio."""
        t = torch.tensor([state.step / state.total])
        a = float(self.schedule.alpha_bar(t)) if state.step else 1.0
        snr = a / (1 - a) if a < 1 else math.inf
        extras = {"t": round(float(t) * T), "alpha_bar": a, "snr": snr}
        return View(state.x.clamp(-1, 1), extras)


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained pixel diffusion model, which reads prompts by CLIP."""
    net = checkpoint.build(Denoiser)
    sampler = DiffusionSampler(net, parts.network("clip", CLIP))
    return Model(net, {"sample": sampler, "noise": DiffusionNoising()})


PROCEDURES: dict[str, type[AnySampler]] = {"sample": DiffusionSampler, "noise": DiffusionNoising}
ARCHITECTURE = Architecture("diffusion", "diffusion", load, PROCEDURES)
