"""Wearing the server in small, and what its figures are held against."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scripts.bars import Bar
from scripts.browsing import Seen, Target
from scripts.process import Usage
from scripts.soak import (
    State,
    Tally,
    conclude,
    describe,
    hall_bars,
    open_and_close,
    settled,
    state,
    stream_bars,
)
from tests.support import needs

if TYPE_CHECKING:
    from scripts.serving import Server

THEN = State(Usage(resident=1000, descriptors=9, threads=20, cpu=1.0, loop_cpu=0.5), 0, 0)


def after(**changes: int) -> State:
    """The server of ``THEN`` with something changed."""
    return replace(THEN, used=replace(THEN.used, **changes))


def test_presses_are_tallied_by_their_outcome() -> None:
    tally, failed = Tally(), Seen(error="no")
    for seen in (Seen(last=1.0), Seen(), Seen(last=2.0, shed=2), failed, failed):
        tally.add(seen)
    assert (tally.ended, tally.left, tally.shed, tally.errors.total()) == (2, 1, 2, 2)
    assert str(tally).splitlines() == ["2 ended, 1 left, 2 shed, 2 errors", "  2 × no"]


def test_a_server_that_came_back_meets_every_bar() -> None:
    tally = Tally(ended=1, shed=40)
    same = after(resident=1050, descriptors=8, threads=20)
    assert conclude([*stream_bars(tally, THEN, same), *hall_bars(tally, same)]) == 0


@pytest.mark.parametrize(
    ("tally", "now", "missed"),
    [
        (Tally(), after(resident=1051), "memory"),
        (Tally(), after(descriptors=10), "descriptors"),
        (Tally(), after(threads=21), "threads"),
        (Tally(), replace(THEN, active=1), "running or waiting"),
        (Tally(), replace(THEN, waiting=1), "running or waiting"),
    ],
)
def test_what_does_not_come_back_ends_with_1(
    tally: Tally, now: State, missed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conclude(stream_bars(tally, THEN, now)) == 1
    bad = [line for line in capsys.readouterr().out.splitlines() if "MISSED" in line]
    assert len(bad) == 1
    assert missed in bad[0]


def test_an_error_or_an_idle_hall_ends_with_1() -> None:
    spoilt = Tally(ended=1)
    spoilt.add(Seen(error="the stream broke off"))
    assert conclude(stream_bars(spoilt, THEN, THEN)) == 1
    assert conclude(hall_bars(spoilt, THEN)) == 1
    assert conclude(hall_bars(Tally(), THEN)) == 1
    assert conclude([Bar("told", None)]) == 0


@pytest.mark.slow
@needs.proc
def test_streams_open_and_close_on_the_real_server(running: Server) -> None:
    tally = Tally()
    asyncio.run(open_and_close(Target.of(running.address), range(9), tally, at_once=3))
    assert (tally.ended, tally.left, dict(tally.errors)) == (3, 6, {})
    now = asyncio.run(settled(running))
    assert (now.active, now.waiting) == (0, 0)
    assert "0 running, 0 waiting" in describe(asyncio.run(state(running)))
