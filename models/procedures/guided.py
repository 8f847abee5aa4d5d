"""What the denoising models share: noise to image along a grid of times, guided by a prompt."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Generic, TypeVar

import torch
from annotated_types import Interval
from torch import Tensor

from models.families.diffusion import CosineSchedule, T, guide, time_grid
from models.parts.conditions import Conditions
from models.runtime.acceleration import FusedStep, accelerate
from models.runtime.parameters import GuidanceScale, Prompted
from models.runtime.precision import fast
from models.runtime.randomness import generator, noise
from models.runtime.sampler import Request, Sampler, State, deal, per_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.parts.conditions import Encode
    from models.parts.denoiser import Denoiser

READ = 256
"""How many prompts a sampler remembers."""


@dataclass
class Denoising(State):
    """A trajectory x_1 → x_0.

    Attributes:
        x: where it is, [n, C, H, W].
        times: the grid, float [total + 1].
        conditions: the prompt as the network read it, n rows.
        unconditional: the empty prompt.
        generators: one a row, for the noise of ancestral steps.
        x0: last clean prediction.
        before: where it was when that was made.
        prompted, plain: the clean predictions with and without the prompt, which guidance joins.
        origin: where each row began.
        length: of each row's path since then, [n].
    """

    x: Tensor
    times: Tensor
    conditions: Conditions
    unconditional: Conditions
    guidance_scale: float
    generators: list[torch.Generator]
    x0: Tensor
    before: Tensor
    prompted: Tensor
    plain: Tensor
    origin: Tensor
    length: Tensor

    @property
    def detour(self) -> float:
        """Length of the path over that of the straight line between its ends: 1 is straight."""
        straight = _length(self.x - self.origin)
        return float((self.length / straight.clamp(min=1e-8)).mean()) if self.step else 1.0

    @property
    def guided(self) -> bool:
        """Whether the step needs the unconditional branch too."""
        return self.guidance_scale != 1

    @property
    def key(self) -> tuple[str, bool, bool]:
        """Same solver, all at the first step or none, guided or not."""
        return self.request.parameters.solver, self.step == 0, self.guided

    @property
    def rows(self) -> int:
        """Guidance doubles the batch."""
        return self.n * (2 if self.guided else 1)


def times(states: Sequence[Denoising], ahead: int) -> Tensor:
    """Where in time each row is, or will be some steps ahead, [sum of n]."""
    return torch.cat([state.times[state.step + ahead].expand(state.n) for state in states])


def _length(x: Tensor) -> Tensor:
    """Euclidean length of every row, [n, …] → [n]."""
    length: Tensor = torch.linalg.vector_norm(x.flatten(1), dim=1)
    return length


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


class GuidedSampler(Sampler[Denoising, G], Generic[G]):
    """Noise → image with classifier-free guidance (Ho & Salimans, 2022).

    Args:
        net: its output is read by :meth:`clean`.
        encode: gives the network what a prompt says.
        shape: of one sample, [C, H, W].

    Class attributes:
        trials: prompts of several lengths, on which a faster run-time must be right.
    """

    max_n = 64
    trials: ClassVar[tuple[str, ...]] = (
        "",
        "bald",
        "a person with a red afro",
        "a laughing person with a red afro, sunglasses and dark skin, wearing a green shirt",
    )

    def __init__(
        self, net: Denoiser, encode: Encode, shape: tuple[int, int, int] = (3, 64, 64)
    ) -> None:
        self.net, self.encode, self.shape = net, encode, shape
        self.schedule = CosineSchedule()
        self.read = lru_cache(READ)(self._read)
        """A prompt as the network reads it: once, while it is among the last :data:`READ`."""
        self._fused: FusedStep | None = None

    def start(self, request: Request[G]) -> Denoising:
        """Draw x_1 from the seed."""
        asked, n = request.parameters, request.n
        x = noise(request, *self.shape)
        blank = torch.zeros_like(x)
        return Denoising(
            request,
            step=0,
            total=asked.num_steps,
            x=x,
            times=time_grid(asked.num_steps),
            conditions=self.read(asked.prompt).repeat(n),
            unconditional=self.read("").repeat(n),
            # Without a prompt there is nothing to amplify.
            guidance_scale=asked.guidance_scale if asked.prompt.strip() else 1.0,
            generators=[generator(request.seed, row, "ancestral") for row in range(n)],
            x0=blank,
            before=x,
            prompted=blank,
            plain=blank,
            origin=x,
            length=torch.zeros(n),
        )

    @torch.inference_mode()
    def _read(self, prompt: str) -> Conditions:
        return self.net.embed_conditions(self.encode([prompt]))

    def step(self, states: Sequence[Denoising]) -> None:
        """One network call for all trajectories, each at its own time, then the solver's update."""
        x = torch.cat([state.x for state in states])
        t, s = (times(states, ahead) for ahead in (0, 1))
        x0, prompted, plain = self._predict(states, x, t)
        new = self._update(states, x, x0, t, s)
        length = torch.cat([state.length for state in states]) + _length(new - x)
        deal(states, x=new, x0=x0, before=x, prompted=prompted, plain=plain, length=length)

    def _predict(
        self, states: Sequence[Denoising], x: Tensor, t: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The clean predictions, clipped to the data's range: guided, with and without the prompt.

        All are one where nothing is guided.
        """
        conditions = [state.conditions for state in states]
        if not states[0].guided:
            x0 = self._clean(x, self._denoise(x, t, Conditions.concatenate(conditions)), t)
            return x0, x0, x0
        both = Conditions.concatenate(conditions + [state.unconditional for state in states])
        outputs = self._denoise(torch.cat([x, x]), torch.cat([t, t]), both)
        conditional, unconditional = outputs.chunk(2)
        scale = per_row(states, (state.guidance_scale for state in states))
        guided = guide(conditional, unconditional, scale)
        x0, prompted, plain = (
            self._clean(x, output, t) for output in (guided, conditional, unconditional)
        )
        return x0, prompted, plain

    def _clean(self, x: Tensor, output: Tensor, t: Tensor) -> Tensor:
        return self.clip_x0(self.clean(x, output, t))

    def prepare(self, threads: int = 0) -> None:
        """Let OpenVINO run the network where that is faster."""
        with torch.inference_mode(False):
            read = Conditions.concatenate([self.read(prompt) for prompt in self.trials])
            self._fused = accelerate(self.net, self.shape, read, threads)

    def _denoise(self, x: Tensor, t: Tensor, read: Conditions) -> Tensor:
        if self._fused is not None:
            return self._fused(x, t, read)
        return fast(self.net.denoise, x, t, read)

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
