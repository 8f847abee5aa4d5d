"""How many rows are worth a step, by clocks that go as told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import torch

from app.engine import curve
from app.engine.curve import PLAY, worthwhile_cores, worthwhile_rows
from app.engine.pace import STEP_SECONDS
from models.runtime.sampler import Request, Sampler, State, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Noted(Sampler[State, Any]):
    """Keeps how many rows every step had."""

    def __init__(self) -> None:
        self.steps: list[int] = []

    def start(self, request: Request) -> State:
        return State(request, 0, 1)

    def step(self, states: Sequence[State]) -> None:
        assert not any(state.done for state in states)
        for state in states:
            state.step += 1
        self.steps.append(sum(state.rows for state in states))

    def preview(self, state: State) -> View:
        return View(torch.zeros(state.request.n, 3, 1, 1))


@pytest.fixture
def sampler() -> Noted:
    return Noted()


def clock(monkeypatch: pytest.MonkeyPatch, sampler: Noted, seconds: Callable[[int], float]) -> None:
    """A step of so many rows takes so many seconds."""

    def timed(run: Callable[[int], object], repeats: int = 3) -> float:
        for number in range(repeats):
            run(number)
        return seconds(sampler.steps[-1])

    monkeypatch.setattr(curve, "best_seconds", timed)


def test_where_rows_cost_nothing_the_batch_is_the_largest(
    sampler: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, sampler, lambda rows: 0.01)
    assert worthwhile_rows(sampler, most=64) == 64
    assert max(sampler.steps) == 64


def test_where_every_row_costs_the_same_the_batch_is_the_smallest(
    sampler: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, sampler, lambda rows: 0.001 * rows)
    assert worthwhile_rows(sampler, most=64) == PLAY


def test_a_batch_is_no_larger_than_where_the_curve_is_flat(
    sampler: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, sampler, lambda rows: 0.001 * max(rows, 16))
    assert worthwhile_rows(sampler, most=64) == 16


def test_a_batch_that_is_slow_does_not_end_it(
    sampler: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, sampler, lambda rows: 0.1 if rows == 2 * PLAY else 0.01)
    assert worthwhile_rows(sampler, most=64) == 64


def test_a_busy_second_does_not_make_batches_small(
    sampler: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def seconds(rows: int) -> float:
        tried.append(rows)
        return 0.005 + 0.001 * rows * (2 if rows > PLAY and tried.count(rows) == 1 else 1)

    clock(monkeypatch, sampler, seconds)
    assert worthwhile_rows(sampler, most=32) == 32


def test_nothing_is_tried_beyond_a_step_that_is_too_long(
    sampler: Noted, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = {1: 0.3 * STEP_SECONDS, 2: 0.5 * STEP_SECONDS, 4: 1.1 * STEP_SECONDS}
    clock(monkeypatch, sampler, lambda rows: seconds[rows // PLAY])
    assert worthwhile_rows(sampler, most=128) == 2 * PLAY
    assert max(sampler.steps) == 4 * PLAY


def test_what_is_slow_alone_may_be_shared(sampler: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, sampler, lambda rows: 3 * STEP_SECONDS)
    assert worthwhile_rows(sampler, most=32) == 32


def test_a_bound_below_one_play_leaves_nothing_to_try(sampler: Noted) -> None:
    assert worthwhile_rows(sampler, most=PLAY - 1) is None
    assert sampler.steps == []


@pytest.mark.parametrize(("seconds", "cores"), [((1.0, 0.6), 4), ((1.0, 0.8), 1)])
def test_all_cores_are_taken_where_they_gain(
    sampler: Noted,
    monkeypatch: pytest.MonkeyPatch,
    seconds: tuple[float, float],
    cores: int,
) -> None:
    left, seen = list(seconds), []

    def timed(run: Callable[[int], object], repeats: int) -> float:
        seen.append(torch.get_num_threads())
        return left.pop(0)

    monkeypatch.setattr(curve, "best_seconds", timed)
    with ThreadPoolExecutor(1) as thread:  # the number of cores is a thread's own
        assert thread.submit(worthwhile_cores, sampler, 16, 4).result() == cores
        assert thread.submit(torch.get_num_threads).result() == 4
    assert seen == [1, 4]
    assert sampler.steps == [16, 16]


def test_what_needs_more_than_a_seed_is_not_tried() -> None:
    class Needy(Noted):
        def start(self, request: Request) -> State:
            raise ValueError("it needs images to start from")

    assert worthwhile_rows(Needy()) is None
