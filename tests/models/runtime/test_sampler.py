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
    noise,
    pick,
    run_batched,
    split_rows,
    uniforms,
)


def asked(n: int = 1, seed: int = 0) -> Request[Parameters]:
    return Request(Parameters(), n, seed)


def test_noise_rows_depend_on_seed_and_row_alone() -> None:
    many = noise(asked(5, 3), 3, 4)
    assert many.shape == (5, 3, 4)
    assert torch.equal(noise(asked(2, 3), 3, 4), many[:2])
    assert len({float(row.sum()) for row in many}) == 5
    assert not torch.equal(noise(asked(5, 4), 3, 4), many)


def test_uniform_rows_depend_on_seed_and_row_alone() -> None:
    many = uniforms(asked(5, 3), 40)
    assert many.shape == (5, 40)
    assert ((many >= 0) & (many < 1)).all()
    assert torch.equal(uniforms(asked(2, 3), 40), many[:2])
    assert not torch.equal(many[0], many[1])


def test_an_index_is_picked_where_the_cumulative_sum_passes_the_number() -> None:
    chances = torch.tensor([[0.2, 0.0, 0.5, 0.3]]).expand(5, -1)
    points = torch.tensor([0.0, 0.19, 0.21, 0.69, 0.999])
    assert pick(chances, points).tolist() == [0, 0, 2, 2, 3]
    assert pick(torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([0.0])).tolist() == [1]


def test_noise_is_standard_normal() -> None:
    values = noise(asked(100, 1), 1000)
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1) < 0.02


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
