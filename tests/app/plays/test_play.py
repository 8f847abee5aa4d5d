"""The log of a Play: ids, resuming, slow readers, silence."""

from __future__ import annotations

import asyncio

import pytest

from app.engine import Observer
from app.plays import Play, Plays
from app.plays import play as module
from tests.support.studio import ALL, Studio, name, step, steps
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
def plays() -> Plays:
    return Plays(100, Observer())


async def test_every_event_has_an_id_of_its_own(plays: Plays) -> None:
    events = [event async for event in Studio().join(plays).events()]
    names = [name(event) for event in events]
    assert len(set(names)) == len(ALL)
    assert all(event.endswith(b"\n\n") for event in events)


async def test_who_lost_the_connection_goes_on_after_what_it_has(plays: Plays) -> None:
    studio = Studio(0.02)
    keeps_it_going = studio.join(plays)
    events = studio.join(plays).events()
    seen = [await anext(events), await anext(events)]
    assert await steps(studio.join(plays, after=name(seen[-1]))) == [2, 3, 4]
    assert studio.begun == 1
    keeps_it_going.leave()


async def test_a_play_that_was_begun_anew_goes_on_after_the_same_step(plays: Plays) -> None:
    studio = Studio()
    events = [event async for event in studio.join(plays, "one").events()]
    assert await steps(studio.join(plays, "again", after=name(events[2]))) == [3, 4]
    assert studio.begun == 2
    # The last is sent in any case, else the page would wait for ever.
    assert await steps(studio.join(plays, "once more", after=name(events[4]))) == [4]


@pytest.mark.parametrize(
    "after", ["", "x", "a-b-c", "1-2", "--", "0000000a-²-³", "0000000a-" + "9" * 5000 + "-1"]
)
async def test_an_id_that_is_none_of_ours_begins_at_the_beginning(plays: Plays, after: str) -> None:
    assert await steps(Studio().join(plays, after=after)) == ALL


async def test_a_slow_reader_gets_the_newest_and_never_misses_the_last(
    plays: Plays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOW", 0.01)
    studio = Studio(60)
    reader = studio.join(plays)
    events = reader.events()
    seen = [step(await anext(events))]
    assert studio.play is not None
    for number in range(1, 20):
        studio.play.publish(f"frame {number}", number)
    await asyncio.sleep(0.02)  # held up by the network
    seen.append(step(await anext(events)))
    for number in range(20, 40):
        studio.play.publish(f"frame {number}", number, "the end" if number == 39 else None)
    await asyncio.sleep(0.02)
    seen += [step(event) async for event in events]
    assert seen == [0, 19, 39]
    await plays.stop()


async def test_a_quick_reader_gets_all(plays: Plays) -> None:
    assert await steps(Studio(0.01).join(plays)) == ALL


async def test_the_log_is_bounded(monkeypatch: pytest.MonkeyPatch, plays: Plays) -> None:
    monkeypatch.setattr(module, "LOG", 10)
    studio = Studio(60)
    await studio.join(plays).begun()
    assert studio.play is not None
    for number in range(1, 1000):
        studio.play.publish(f"frame {number}", number)
    assert len(studio.play._log) == 10
    late = studio.join(plays).events()
    assert [step(await anext(late)) for _ in range(10)] == list(range(990, 1000))
    await plays.stop()


async def test_silence_is_broken_by_comments(monkeypatch: pytest.MonkeyPatch, plays: Plays) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE", 0.01)
    studio = Studio(60)
    reader = studio.join(plays)
    await reader.begun()
    events = reader.events()
    assert step(await anext(events)) == 0
    assert [await anext(events) for _ in range(2)] == [b": ping\n\n"] * 2
    assert studio.play is not None
    studio.play.publish("frame 1", 1)
    assert step(await anext(events)) == 1
    await plays.stop()


async def test_a_stream_begins_though_nothing_has_happened_yet(
    monkeypatch: pytest.MonkeyPatch, plays: Plays
) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE", 0.01)

    async def silent(play: Play[str]) -> None:
        await asyncio.sleep(60)

    reader = plays.join("key", silent, "a")
    await asyncio.wait_for(reader.begun(), 5)
    assert await anext(reader.events()) == b": ping\n\n"
    await plays.stop()


async def test_the_result_is_the_last_event_s(plays: Plays) -> None:
    studio = Studio(0.01)
    assert await studio.join(plays).result() == "the end"


async def test_a_play_may_end_without_a_result(plays: Plays) -> None:
    async def brief(play: Play[str]) -> None:
        play.publish("frame 0")

    reader = plays.join("key", brief, "a")
    assert await reader.result() is None
    assert await steps(plays.join("other", brief, "a")) == [0]


async def test_what_the_work_raises_reaches_every_reader(plays: Plays) -> None:
    async def broken(play: Play[str]) -> None:
        play.publish("frame 0")
        raise OSError("torn")

    readers = [plays.join("key", broken, "a") for _ in range(2)]
    with pytest.raises(OSError, match="torn"):
        await readers[0].result()
    await readers[1].begun()  # there is something to send before
    with pytest.raises(OSError, match="torn"):
        await steps(readers[1])


async def test_waiting_readers_leave_nothing_behind(plays: Plays) -> None:
    studio = Studio(60)
    reader = studio.join(plays)
    await reader.begun()
    waiting = asyncio.create_task(reader.result())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    reader.leave()
    await until(lambda: studio.ended == 1)
