"""Samplers that cost nothing and can be made to wait or fail, in place of trained models."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.runtime.errors import ChoiceError, MissingInputError
from models.runtime.parameters import Parameters
from models.runtime.randomness import noise
from models.runtime.sampler import Request, Sampler, State, View

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Walk(State):
    """A batch of images drifting by a batched matrix product."""

    x: Tensor


@dataclass(frozen=True)
class WalkParameters(Parameters):
    """How long it is.

    Attributes:
        refused: whether the start finds something wrong.
    """

    num_steps: int = 5
    prompt: str = ""
    refused: bool = False


class FakeSampler(Sampler[Walk, WalkParameters]):
    """``num_steps`` steps of x ← tanh(x · A).

    Seed 13 makes a step raise, seed 14 gives no numbers, seed 15 cannot be shown once it moves.

    Args:
        pause: seconds a step takes, besides ``row_pause`` a row.
    """

    parameters = WalkParameters
    takes = ("images",)

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.row_pause = 0.0
        self.matrix = torch.randn(8, 8, generator=torch.Generator().manual_seed(0)) / 3
        self.batches: list[list[int]] = []
        self.cores: set[int] = set()
        self.starts = 0
        self.gate = threading.Event()
        self.gate.set()

    def start(self, request: Request[WalkParameters]) -> Walk:
        self.starts += 1
        if request.parameters.refused:
            raise MissingInputError("images", shape=(3, 8, 8), rows=None)
        return Walk(request, 0, request.parameters.num_steps, noise(request, 3, 8, 8))

    def step(self, states: Sequence[Walk]) -> None:
        self.gate.wait(10)
        time.sleep(self.pause + self.row_pause * sum(s.rows for s in states))
        if any(s.request.seed == 13 for s in states):
            raise RuntimeError("numerical trouble")
        self.cores = {torch.get_num_threads()}
        moved = torch.tanh(torch.cat([s.x for s in states]) @ self.matrix)
        for state, part in zip(states, moved.split([len(s.x) for s in states]), strict=True):
            state.x = part * torch.nan if state.request.seed == 14 else part
            state.step += 1
        self.batches.append([s.request.seed for s in states])

    def preview(self, state: Walk) -> View:
        if state.request.seed == 15 and state.step:
            raise RuntimeError("nothing to see")
        return View(state.x.clone(), {"norm": float(state.x.norm())})


def asked(n: int = 1, seed: int = 0, **values: Any) -> Request[WalkParameters]:
    """A request of a fake procedure."""
    return FakeSampler.ask(n, seed, values, {})


class FakeZoo:
    """Any procedure name leads to a sampler of its own."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.made: dict[str, FakeSampler] = {}
        self.prepared: list[str] = []

    def request(self, procedure: str, n: int = 1, seed: int = 0, **values: Any) -> Request[Any]:
        return asked(n, seed, **values)

    def prepare(self, name: str, threads: int = 0) -> None:
        self.prepared.append(name)

    def sampler(self, procedure: str) -> Sampler[Any, Any]:
        return self.made.setdefault(procedure, FakeSampler(self.pause))


@dataclass
class Diary(State):
    """Numbers drawn one a step, ``seen`` in place, and what was told between them."""

    seen: list[tuple[int, float]]
    told: list[Any]


class DiarySampler(Sampler[Diary, WalkParameters]):
    """Each step appends (step, number of the seed) before it may raise, which spoils its states.

    A step of seed 13 raises at step ``fails_at``; a batch of more than ``most`` always does.
    The message ``stop`` ends it, ``nonsense`` is refused, ``crash`` raises.
    """

    parameters = WalkParameters
    takes = ("images",)

    def __init__(self, fails_at: int = 3, most: int = 1000, total: int = 8) -> None:
        self.fails_at, self.most, self.total = fails_at, most, total
        self.batches: list[list[tuple[int, int]]] = []
        self.gate = threading.Event()
        self.gate.set()

    def start(self, request: Request[Any]) -> Diary:
        return Diary(request, 0, self.total, [], [])

    def step(self, states: Sequence[Diary]) -> None:
        self.gate.wait(10)
        self.batches.append([(s.request.seed, s.step) for s in states])
        for state in states:
            numbers = torch.Generator().manual_seed(state.request.seed + state.step)
            state.seen.append((state.step, float(torch.rand(1, generator=numbers))))
            state.step += 1
        if len(states) > self.most:
            raise MemoryError
        if any(s.request.seed == 13 and s.step > self.fails_at for s in states):
            raise RuntimeError("numerical trouble")

    def tell(self, state: Diary, message: Any) -> None:
        if message == "nonsense":
            raise ChoiceError("message", choices=("stop",), value=message)
        if message == "crash":
            raise RuntimeError("out of tune")
        state.told.append((state.step, message))
        if message == "stop":
            state.total = state.step

    def preview(self, state: Diary) -> View:
        extras = {"seen": list(state.seen), "told": list(state.told)}
        return View(torch.zeros(state.request.n, 3, 1, 1), extras)
