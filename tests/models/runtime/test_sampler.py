"""What every procedure builds on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.runtime.parameters import Parameters
from models.runtime.sampler import (
    Request,
    Sampler,
    State,
    View,
    run_batched,
    split_rows,
)


def asked(n: int = 1, seed: int = 0) -> Request[Parameters]:
    return Request(Parameters(), n, seed)


def test_inputs_are_no_part_of_equality() -> None:
    a, b = (Request(Parameters(), inputs={"images": torch.full((1,), v)}) for v in (0.0, 1.0))
    assert a == b


@dataclass
class Counting(State):
    """A sum that grows by its seed."""

    value: Tensor


class Counter(Sampler[Counting, Any]):
    """Adds the seed once a step; remembers how many states each step had."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def start(self, request: Request[Any]) -> Counting:
        return Counting(request, 0, 3, torch.zeros(request.n))

    def step(self, states: Sequence[Counting]) -> None:
        self.batches.append(len(states))
        for state in states:
            state.value = state.value + state.request.seed
            state.step += 1

    def preview(self, state: Counting) -> View:
        return View(state.value[:, None, None, None].expand(-1, 3, 1, 1))


def test_run_steps_to_the_end() -> None:
    counter = Counter()
    assert counter.run(counter.request(n=2, seed=5)).images.unique().tolist() == [15]
    assert counter.batches == [1, 1, 1]


def test_run_batched_answers_in_order() -> None:
    counter = Counter()
    views = run_batched(counter, [counter.request(seed=s) for s in range(5)], batch=2)
    assert [view.images[0, 0, 0, 0].item() for view in views] == [0, 3, 6, 9, 12]
    assert counter.batches == [2] * 6 + [1] * 3


def test_rows_are_cut_by_request() -> None:
    states = [Counting(asked(n), 0, 1, torch.zeros(n)) for n in (2, 1, 3)]
    parts = split_rows(torch.arange(6), states)
    assert [part.tolist() for part in parts] == [[0, 1], [2], [3, 4, 5]]
    assert [state.rows for state in states] == [2, 1, 3]


def test_a_state_is_done_after_its_steps() -> None:
    assert not Counting(asked(), 2, 3, torch.zeros(1)).done
    assert Counting(asked(), 3, 3, torch.zeros(1)).done
