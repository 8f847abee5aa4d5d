"""Pictures on the way: all of them alone, in a crowd as many as there is time for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from app.engine import Observer
from app.engine import trajectory as module
from app.engine.trajectory import SHOWING, Trajectory
from models.sampler import Request, View
from tests.support.fake_zoo import FakeSampler, Walk

pytestmark = pytest.mark.anyio

STEP, PICTURE = 0.01, 0.05
STEPS = 20


class Clocked(FakeSampler):
    """Its steps and pictures take their time on a clock of its own."""

    now = 0.0

    def preview(self, state: Walk) -> View:
        self.now += PICTURE * (state.step > 0)
        return super().preview(state)


async def played(monkeypatch: pytest.MonkeyPatch, crowd: int) -> tuple[list[int], float]:
    """The steps that were shown before the last, and how long it all took."""
    sampler = Clocked()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: sampler.now))
    request = Request(num_steps=STEPS)
    play = Trajectory("a.sample", request, asyncio.get_running_loop(), True, Observer())
    play.begin(sampler)
    state: Any = play.state
    for _ in range(STEPS):
        sampler.step([state])
        sampler.now += crowd * STEP  # the others take their turns too
        play.advanced(STEP, crowd)
    assert play.frames[-1].done
    return [frame.step for frame in play.frames[1:-1]], sampler.now


async def test_alone_every_step_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, _ = await played(monkeypatch, crowd=1)
    assert shown == list(range(1, STEPS))


@pytest.mark.parametrize("crowd", [2, 5, 100])
async def test_in_a_crowd_pictures_take_a_part_of_the_time(
    monkeypatch: pytest.MonkeyPatch, crowd: int
) -> None:
    shown, seconds = await played(monkeypatch, crowd)
    assert 1 <= len(shown) < STEPS - 1
    # The first is let through unseen: nobody knows yet what it costs.
    assert PICTURE * (len(shown) - 1) <= SHOWING * seconds / crowd
