"""Samplers that cost nothing and can be made to wait or fail, in place of trained models."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.runtime.errors import MissingInputError
from models.runtime.parameters import Parameters
from models.runtime.randomness import noise
from models.runtime.sampler import Request, Sampler, State, View


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

    def prepare(self, name: str) -> None:
        """Nothing to do."""

    def request(self, procedure: str, n: int = 1, seed: int = 0, **values: Any) -> Request[Any]:
        return asked(n, seed, **values)

    def sampler(self, procedure: str) -> Sampler[Any, Any]:
        return self.made.setdefault(procedure, FakeSampler(self.pause))
