"""The stills of all slides: one Play after the other, once for all who ask."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

import pytest

from app.context import Context
from app.engine import Engine, EngineFullError, Observer
from app.health.metrics import Metrics
from app.plays import Plays
from app.plays.handout import join_handout
from app.settings import Settings
from tests.support.fake_zoo import FakeZoo
from tests.support.stand_ins import StandIn, stand_ins
from tests.support.waiting import until

if TYPE_CHECKING:
    from models.runtime.zoo import Zoo

pytestmark = pytest.mark.anyio

IN_TURN = [f"{what} {slide}" for slide in range(1, 9) for what in ("begin", "end")]


@pytest.fixture
def diary() -> list[str]:
    return []


@pytest.fixture
def played(diary: list[str]) -> tuple[Context, list[StandIn]]:
    zoo = FakeZoo()
    context = Context(Settings(), cast("Zoo", zoo), Engine(zoo), Metrics())
    context.demos, plays = stand_ins(diary)
    return context, plays


@pytest.fixture
def plays() -> Plays:
    return Plays(10, Observer())


async def test_every_slide_has_the_last_frame_of_its_play(played, plays: Plays, diary) -> None:
    context, _ = played
    reader = join_handout(plays, context, urgent=False)
    stills = await reader.result()
    reader.leave()
    assert [still.stage.slide for still in stills or ()] == list(range(1, 9))
    assert [s.frame.note for s in stills or ()] == [f"Still {n} at step 3." for n in range(1, 9)]
    assert diary == IN_TURN  # never two at a time


async def test_they_are_made_once_for_all_who_ask(played, plays: Plays, diary) -> None:
    context, stands = played
    for stand in stands:
        stand.pause = 0.002
    readers = [join_handout(plays, context, urgent=False) for _ in range(5)]
    found = await asyncio.gather(*(reader.result() for reader in readers))
    for reader in readers:
        reader.leave()
    assert all(stills is found[0] for stills in found)
    assert diary == IN_TURN


async def test_they_end_when_nobody_waits_any_more(played, plays: Plays, diary) -> None:
    context, stands = played
    stands[0].pause = 60
    readers = [join_handout(plays, context, urgent=False) for _ in range(2)]
    await until(lambda: diary == ["begin 1"])
    readers[0].leave()
    await asyncio.sleep(0.02)
    assert diary == ["begin 1"]
    readers[1].leave()
    await until(lambda: diary == ["begin 1", "end 1"])


async def test_a_play_that_fails_says_so_and_the_others_go_on(
    played, plays: Plays, caplog: pytest.LogCaptureFixture
) -> None:
    context, stands = played
    stands[2].error = ValueError("a fault")
    reader = join_handout(plays, context, urgent=False)
    with caplog.at_level(logging.CRITICAL):
        stills = await reader.result()
    reader.leave()
    assert [still.frame.failed for still in stills or ()] == [n == 3 for n in range(1, 9)]


async def test_a_full_engine_is_an_error(played, plays: Plays) -> None:
    context, stands = played
    stands[1].error = EngineFullError(retry_after=5)
    reader = join_handout(plays, context, urgent=False)
    with pytest.raises(EngineFullError):
        await reader.result()
    reader.leave()


async def test_they_take_one_place_among_the_readers(played, plays: Plays) -> None:
    context, _ = played
    readers = [join_handout(plays, context, urgent=False) for _ in range(10)]
    with pytest.raises(EngineFullError):
        join_handout(plays, context, urgent=False)
    for reader in readers:
        reader.leave()
    await plays.stop()


async def test_the_presenter_goes_first(played, plays: Plays) -> None:
    context, stands = played
    heard: list[bool] = []
    frames = stands[0].frames

    def listening(own: Context, p):
        heard.append(own.priority.urgent)
        return frames(own, p)

    stands[0].frames = listening
    reader = join_handout(plays, context, urgent=True)
    await reader.result()
    reader.leave()
    assert heard == [True]
    assert not context.priority.urgent
