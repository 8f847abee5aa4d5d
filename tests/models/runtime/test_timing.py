"""Timing: the quickest of several runs."""

from __future__ import annotations

import pytest

from models.runtime.timing import best_seconds


def test_the_quickest_run_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 5.0, 10.0, 12.0, 20.0, 23.0])
    monkeypatch.setattr("models.runtime.timing.time.perf_counter", lambda: next(ticks))
    assert best_seconds(lambda number: None) == 2.0


def test_runs_are_told_their_numbers() -> None:
    seen: list[int] = []
    best_seconds(seen.append, repeats=4)
    assert seen == [0, 1, 2, 3]


def test_no_run_has_no_time() -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        best_seconds(lambda number: None, repeats=0)
