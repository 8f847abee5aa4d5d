"""The lecture hall in small, and what its figures are held against."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scripts.bars import Spread
from scripts.counters import Counted
from scripts.load import (
    Case,
    Crowd,
    Plan,
    Report,
    Role,
    Solo,
    bars,
    conclude,
    numbers,
    overview,
    role,
    run_crowd,
    run_solo,
    save,
)
from tests.support import needs

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.serving import Server

CHEAP = Plan(slide=1, demo="reconstruct", limit=60)
COUNTED = Counted(20, 2.0, 6.5, {"8.0": 20}, coalesced=99, cancelled=1, shed=0)
CASE = Case(
    clients=100,
    identical=True,
    seconds=2.0,
    answered=Spread(0.1, 0.2, 0.3),
    first=Spread(0.2, 0.3, 0.4),
    last=Spread(1.0, 1.5, 2.0),
    frames_per_second=10.0,
    shed=3,
    complaints=[],
    counted=COUNTED,
    resident=500 * 2**20,
    cpu=3.0,
    compute=1.05,
    own_cpu=0.5,
    presenter=None,
)
DIFFERENT = replace(CASE, identical=False, seconds=10.0, presenter=Spread(0.3, 0.5, 0.6))
LATE = Spread(0.4, 1.1, 1.2)

GOOD = Report(
    hardware="CPU of a test",
    plan=Plan(),
    solo=Solo(first=0.2, last=1.0, cpu=1.1, compute=1.0),
    batching=[replace(CASE, clients=1), CASE, replace(DIFFERENT, clients=30), DIFFERENT],
    queue=[replace(DIFFERENT, seconds=50.0, presenter=None)],
    peers=[replace(DIFFERENT, seconds=80.0, presenter=None)],
)


def test_a_tenth_leaves_and_a_tenth_presses_twice() -> None:
    assert Counter(map(role, range(300))) == {Role.STAYS: 240, Role.LEAVES: 30, Role.TWICE: 30}
    assert role(0) is Role.STAYS


def test_a_crowd_shares_one_seed_or_none() -> None:
    assert {Crowd(30, True, 7).seed(i) for i in range(30)} == {7}
    assert {Crowd(30, False, 7).seed(i) for i in range(30)} == set(range(7, 37))


def test_the_numbers_of_clients_are_read() -> None:
    assert numbers("100,1,30") == [1, 30, 100]
    assert numbers("") == []
    with pytest.raises(argparse.ArgumentTypeError, match="at least one"):
        numbers("0,3")


def test_every_bar_holds_its_ratio() -> None:
    values = {bar.text: bar.value for bar in bars(GOOD)}
    assert values == {
        "errors of all crowds": 0,
        "CPU of 100 identical Plays / of one, without the event loop, which sends": 1.05,
        "CPU of 100 identical Plays / of one, with the event loop": pytest.approx(3 / 1.1),
        "model steps of 100 identical Plays / of one": 1,
        "first picture of 100 identical Plays, seconds at p95": 0.3,
        "times sooner than one Play after the other, 100 different": 5,
        "times sooner than that by torch alone, 100 different": 8,
        "presenter's first picture among 30 / alone, median": pytest.approx(1.5),
        "presenter's first picture among 30, seconds at p95": 0.5,
        "presenter's first picture among 100 / alone, median": pytest.approx(1.5),
        "presenter's first picture among 100, seconds at p95": 0.5,
    }
    assert conclude(GOOD) == 0


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, solo=replace(GOOD.solo, compute=0.5)),
        replace(GOOD, solo=replace(GOOD.solo, first=0.1)),
        replace(GOOD, batching=[replace(CASE, clients=1), replace(CASE, first=LATE), DIFFERENT]),
        replace(GOOD, queue=[replace(DIFFERENT, seconds=49.0)]),
        replace(GOOD, queue=[replace(GOOD.queue[0], complaints=["the stream broke off"])]),
        replace(GOOD, peers=[replace(GOOD.peers[0], complaints=["the stream broke off"])]),
        replace(GOOD, batching=[CASE, replace(DIFFERENT, presenter=None)]),
    ],
    ids=["sharing", "presenter", "late", "sooner", "errors", "peers' errors", "no presenter"],
)
def test_a_missed_bar_ends_with_1(bad: Report, capsys: pytest.CaptureFixture[str]) -> None:
    assert conclude(bad) == 1
    assert capsys.readouterr().out.count("MISSED") == 1


def test_the_overview_has_a_line_for_every_case() -> None:
    head, *lines = overview(GOOD).splitlines()
    assert len(lines) == 6
    assert lines[1].split()[:7] == ["100", "identical,", "batching", "2.00", "0.10", "0.20", "0.30"]
    assert lines[-2].startswith("100 different, queue")
    assert lines[-1].startswith("100 different, torch queue")
    assert all(len(line) == len(head) for line in lines)


def test_a_crowd_that_saw_nothing_has_a_line_too() -> None:
    nothing = replace(CASE, first=None, last=None, answered=None, counted=None)
    assert "–" in overview(replace(GOOD, batching=[nothing]))


def test_everything_is_saved_with_its_bars(tmp_path: Path) -> None:
    save(GOOD, tmp_path / "new" / "load.json")
    saved = json.loads((tmp_path / "new" / "load.json").read_text())
    assert saved["hardware"] == "CPU of a test"
    assert saved["batching"][1]["counted"]["batches"] == {"8.0": 20}
    assert all(bar["met"] for bar in saved["bars"])


@pytest.mark.slow
@needs.proc
def test_a_small_crowd_plays_on_the_real_server(running: Server) -> None:
    solo = asyncio.run(run_solo(running, CHEAP))
    assert 0 < solo.first <= solo.last
    case = asyncio.run(run_crowd(running, CHEAP, Crowd(2, identical=False, base=1000)))
    assert case.complaints == []
    assert (case.clients, case.seeds, case.shed) == (2, "different", 0)
    assert case.last is not None
    assert case.counted is not None
    assert case.counted.steps >= 3
    assert case.resident > 0


@pytest.mark.slow
@needs.proc
def test_a_play_that_does_not_end_stops_the_run(running: Server) -> None:
    with pytest.raises(SystemExit, match="status 404"):
        asyncio.run(run_solo(running, replace(CHEAP, demo="missing")))
