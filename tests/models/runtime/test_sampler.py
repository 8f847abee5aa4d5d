"""What every procedure builds on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from models.runtime.parameters import Parameters
from models.runtime.sampler import (
    Request,
    Sampler,
    State,
    View,
    deal,
    per_row,
    run_batched,
    split_rows,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def test_a_step_s_results_are_dealt_and_counted() -> None:
    states = [Counting(asked(n), 4, 9, torch.zeros(n)) for n in (2, 1)]
    deal(states, value=torch.tensor([5.0, 6.0, 7.0]))
    assert [state.value.tolist() for state in states] == [[5, 6], [7]]
    assert [state.step for state in states] == [5, 5]


def test_a_state_s_number_is_each_of_its_rows() -> None:
    states = [Counting(asked(n), 0, 1, torch.zeros(n)) for n in (2, 1, 3)]
    assert per_row(states, [0.1, 0.2, 0.3]).tolist() == pytest.approx([0.1] * 2 + [0.2] + [0.3] * 3)
    assert per_row(states, (0.1 for _ in states), torch.float64)[0] == 0.1


@dataclass
class Wide(Counting):
    """A state whose rows are not its request's images."""

    @property
    def n(self) -> int:
        return len(self.value)


def test_rows_are_the_state_s_own_where_it_draws_others() -> None:
    states = [Wide(asked(1), 0, 1, torch.zeros(n)) for n in (3, 2)]
    deal(states, value=torch.arange(5.0))
    assert [state.value.tolist() for state in states] == [[0, 1, 2], [3, 4]]
    assert [state.rows for state in states] == [3, 2]


def test_a_state_is_done_after_its_steps() -> None:
    assert not Counting(asked(), 2, 3, torch.zeros(1)).done
    assert Counting(asked(), 3, 3, torch.zeros(1)).done
