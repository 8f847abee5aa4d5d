"""Equal Plays are computed and rendered once, whoever comes, leaves or lags."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from app import broadcast
from app.broadcast import Broadcasts, Moment
from app.demos.demo import Shown
from app.engine import EngineFullError

pytestmark = pytest.mark.anyio


def moment(step: int, total: int = 4) -> Moment:
    last = Shown((), "", step, total, done=True) if step == total else None
    return Moment(f"frame {step}".encode(), last)


class Studio:
    """A demo of four frames that counts what is asked of it."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.begun = self.ended = 0
        self.made: list[int] = []

    async def frames(self) -> AsyncGenerator[Moment, None]:
        self.begun += 1
        try:
            for step in range(5):
                self.made.append(step)
                yield moment(step)
                await asyncio.sleep(self.pause)
        finally:
            self.ended += 1

    def watch(self, broadcasts: Broadcasts, key: str = "key") -> AsyncGenerator[Moment, None]:
        return broadcasts.watch(key, self.frames)


async def events(moments: AsyncGenerator[Moment, None]) -> list[bytes]:
    return [moment.event async for moment in moments]


ALL = [f"frame {i}".encode() for i in range(5)]


async def test_equal_plays_are_computed_and_rendered_once() -> None:
    studio, broadcasts = Studio(0.01), Broadcasts(limit=100)
    seen = await asyncio.gather(*(events(studio.watch(broadcasts)) for _ in range(30)))
    assert seen == [ALL] * 30
    assert (studio.begun, studio.made) == (1, [0, 1, 2, 3, 4])
    assert broadcasts.watchers == 0


async def test_different_plays_are_apart() -> None:
    studio, broadcasts = Studio(), Broadcasts(limit=100)
    await asyncio.gather(*(events(studio.watch(broadcasts, key)) for key in "abc"))
    assert studio.begun == 3


async def test_who_comes_late_sees_everything() -> None:
    studio, broadcasts = Studio(0.02), Broadcasts(limit=100)
    first = studio.watch(broadcasts)
    for _ in range(3):
        await anext(first)
    assert await events(studio.watch(broadcasts)) == ALL
    assert studio.begun == 1
    await first.aclose()


async def test_a_play_that_has_ended_is_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "TOGETHER", 0.0)
    studio, broadcasts = Studio(), Broadcasts(limit=100)
    for _ in range(2):
        assert await events(studio.watch(broadcasts)) == ALL
    assert studio.begun == 2


async def test_who_presses_with_the_others_sees_theirs_even_if_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcast, "TOGETHER", 0.2)
    studio, broadcasts = Studio(), Broadcasts(limit=100)
    for _ in range(3):
        assert await events(studio.watch(broadcasts)) == ALL
    assert (studio.begun, studio.made) == (1, [0, 1, 2, 3, 4])
    await asyncio.sleep(0.25)
    assert not broadcasts._running  # nothing is kept for those who do not come
    assert await events(studio.watch(broadcasts)) == ALL
    assert studio.begun == 2


async def test_a_late_watcher_keeps_what_would_be_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcast, "TOGETHER", 0.05)
    studio, broadcasts = Studio(), Broadcasts(limit=100)
    assert await events(studio.watch(broadcasts)) == ALL
    late = studio.watch(broadcasts)
    seen = [(await anext(late)).event]
    await asyncio.sleep(0.1)
    assert seen + await events(late) == ALL
    assert studio.begun == 1
    assert not broadcasts._running


async def test_a_play_that_failed_is_tried_anew() -> None:
    tries = 0

    async def failing() -> AsyncGenerator[Moment, None]:
        nonlocal tries
        tries += 1
        yield Moment(b"It lost its way.", Shown((), "", 1, 4, done=True, failed=True))

    broadcasts = Broadcasts(limit=100)
    for _ in range(2):
        await events(broadcasts.watch("key", failing))
    assert tries == 2


async def test_one_may_leave_and_the_others_go_on() -> None:
    studio, broadcasts = Studio(0.01), Broadcasts(limit=100)
    leaving, staying = studio.watch(broadcasts), studio.watch(broadcasts)
    await anext(leaving)
    await leaving.aclose()
    assert await events(staying) == ALL
    assert studio.begun == 1


async def test_when_the_last_has_left_it_ends_at_once() -> None:
    studio, broadcasts = Studio(60), Broadcasts(limit=100)
    watching = [studio.watch(broadcasts) for _ in range(2)]
    for moments in watching:
        await anext(moments)
    for moments in watching:
        assert studio.ended == 0
        await moments.aclose()
    assert studio.ended == 1
    assert broadcasts.watchers == 0


async def test_a_slow_reader_misses_frames_but_not_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcast, "SLOW", 0.05)
    studio, broadcasts = Studio(0.001), Broadcasts(limit=100)
    seen = []
    async with aclosing(studio.watch(broadcasts)) as moments:
        async for moment in moments:
            seen.append(moment.event)
            await asyncio.sleep(0.1)
    assert seen == [ALL[0], ALL[4]]


async def test_a_full_engine_is_told_to_everyone() -> None:
    async def full() -> AsyncGenerator[Moment, None]:
        await asyncio.sleep(0.01)
        raise EngineFullError(retry_after=5)
        yield

    broadcasts = Broadcasts(limit=100)
    outcomes = await asyncio.gather(
        *(events(broadcasts.watch("key", full)) for _ in range(3)),
        return_exceptions=True,
    )
    assert all(isinstance(outcome, EngineFullError) for outcome in outcomes)
    assert broadcasts.watchers == 0


async def test_streams_are_bounded() -> None:
    studio, broadcasts = Studio(60), Broadcasts(limit=2)
    watching = [studio.watch(broadcasts) for _ in range(2)]
    for moments in watching:
        await anext(moments)
    with pytest.raises(EngineFullError):
        studio.watch(broadcasts)
    await watching[0].aclose()
    another = studio.watch(broadcasts)
    assert (await anext(another)).event == ALL[0]
    for moments in (watching[1], another):
        await moments.aclose()
