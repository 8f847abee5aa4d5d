"""What the engine learns of its own speed."""

from __future__ import annotations

import pytest

from app.engine.pace import RECENT, STEP_SECONDS, STEPS, Pace


class Clock:
    """Goes when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_rows_are_what_fits_a_step() -> None:
    pace = Pace()
    assert pace.rows("a.sample") > 1000  # nothing is known against it
    pace.stepped("a.sample", rows=10, seconds=STEP_SECONDS)
    assert pace.rows("a.sample") == 10
    for _ in range(STEPS):
        pace.stepped("a.sample", rows=4, seconds=STEP_SECONDS)
    assert pace.rows("a.sample") == 4
    assert pace.rows("b.sample") > 1000


def test_one_slow_step_is_not_the_rule() -> None:
    pace = Pace()
    pace.stepped("a.sample", rows=16, seconds=STEP_SECONDS)
    pace.stepped("a.sample", rows=16, seconds=2 * STEP_SECONDS)
    assert pace.rows("a.sample") == 16


def test_what_was_measured_goes_before_what_was_seen() -> None:
    pace = Pace()
    pace.measured("a.sample", rows=16, cores=2)
    assert pace.rows("a.sample") == 16
    pace.stepped("a.sample", rows=8, seconds=STEP_SECONDS)
    assert pace.rows("a.sample") == 16
    assert pace.rows("b.sample") > 1000
    assert pace.cores("a.sample") == 2
    assert pace.cores("b.sample") is None


def test_a_row_that_is_too_slow_runs_nevertheless() -> None:
    pace = Pace()
    pace.stepped("a.sample", rows=1, seconds=10 * STEP_SECONDS)
    assert pace.rows("a.sample") == 1


def test_the_queue_moves_as_plays_end() -> None:
    clock = Clock()
    pace = Pace(clock)
    for now in (100.0, 102.0, 104.0, 106.0):
        clock.now = now
        assert pace.wait(3) is None or now == 106.0
        pace.ended()
    assert pace.wait(3) == pytest.approx(6)
    assert pace.wait(0) == 0


def test_what_was_long_ago_says_nothing() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(5):
        clock.now += 1
        pace.ended()
    assert pace.wait(2) == pytest.approx(2)
    clock.now += RECENT
    assert pace.wait(2) is None
