"""Who is admitted, who goes first, and that two lanes do not hold up each other."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from app.engine import Engine, EngineFullError, Limits, PlayFailedError, Priority
from app.engine.engine import LEARN
from tests.support.fake_zoo import FakeSampler, FakeZoo, asked
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


def held(zoo: FakeZoo, name: str = "a.sample") -> FakeSampler:
    """A sampler whose steps wait for its gate."""
    zoo.sampler(name)
    zoo.made[name].gate.clear()
    return zoo.made[name]


async def test_a_promoted_one_goes_before_all_that_wait() -> None:
    zoo = FakeZoo()
    fake, engine, priority = held(zoo), Engine(zoo, Limits(active=1)), Priority()
    engine.start()
    plays = [engine.submit("a.sample", asked(seed=0))]
    await until(lambda: engine.load == (1, 0))
    plays += [engine.submit("a.sample", asked(seed=seed)) for seed in (1, 2)]
    joined = engine.submit("a.sample", asked(seed=9), priority=priority).progress()
    assert (await anext(joined)).ahead == 3
    priority.promote()
    assert not (await anext(joined)).waits  # at once, though the only place is taken
    fake.gate.set()
    assert [progress async for progress in joined][-1].done
    assert not any(play._trajectory.finished for play in plays[1:])
    await asyncio.to_thread(engine.stop)


async def test_a_promoted_one_that_runs_is_in_every_step() -> None:
    zoo = FakeZoo()
    fake, engine, priority = held(zoo), Engine(zoo, Limits(batch_rows=1)), Priority()
    engine.start()
    plays = [engine.submit("a.sample", asked(seed=seed)) for seed in range(3)]
    joined = engine.submit("a.sample", asked(seed=9), priority=priority)
    await until(lambda: engine.load == (4, 0))
    priority.promote()
    fake.gate.set()
    await joined.result()
    seeds = [batch[0] for batch in fake.batches]
    assert seeds.index(9) <= 1  # one step may have been on its way
    assert seeds[seeds.index(9) : seeds.index(9) + 5] == [9] * 5
    await asyncio.gather(*(play.result() for play in plays))
    await asyncio.to_thread(engine.stop)


async def test_rows_that_take_turns_are_bounded() -> None:
    zoo = FakeZoo()
    fake, engine = held(zoo), Engine(zoo, Limits(rows=10))
    engine.start()
    huge = engine.submit("a.sample", asked(n=50))  # alone it may
    await until(lambda: engine.load == (1, 0))
    plays = [engine.submit("a.sample", asked(n=4, seed=seed)) for seed in range(3)]
    waiting = plays[0].progress()
    assert (await anext(waiting)).ahead == 1
    assert engine.load == (1, 3)
    fake.gate.set()
    await huge.result()
    fake.gate.clear()
    await until(lambda: engine.load == (2, 1))
    urgent = engine.submit("a.sample", asked(n=4, seed=9), priority=Priority(urgent=True))
    assert not (await anext(urgent.progress())).waits
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays[1:]))
    await asyncio.to_thread(engine.stop)


async def test_closing_ends_what_is_on_its_way_with_a_message() -> None:
    zoo = FakeZoo(pause=0.01)
    engine = Engine(zoo, Limits(active=1))
    engine.start()
    plays = [engine.submit("a.sample", asked(seed=s, num_steps=10_000)) for s in range(3)]
    await until(lambda: engine.load == (1, 2))
    engine.close()
    for play in plays:
        with pytest.raises(PlayFailedError, match="shutting down"):
            await asyncio.wait_for(play.result(), 5)
    with pytest.raises(EngineFullError):
        engine.submit("a.sample", asked())
    await asyncio.to_thread(engine.stop)


async def test_it_has_stalled_since_its_last_step_or_since_there_is_something_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zoo = FakeZoo()
    fake, engine = held(zoo), Engine(zoo)
    fake.gate.set()
    engine.start()
    await engine.submit("a.sample", asked()).result()
    await until(lambda: engine.load == (0, 0))
    assert engine.stalled == 0
    fake.gate.clear()
    real, skipped = time.monotonic, 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: real() + skipped)  # a long silence
    play = engine.submit("a.sample", asked())
    await until(lambda: engine.load == (1, 0))
    assert 0 < engine.stalled < 100
    skipped = 2000.0
    assert engine.stalled > 900
    fake.gate.set()
    await play.result()
    await asyncio.to_thread(engine.stop)


async def test_what_learns_and_what_draws_do_not_wait_for_each_other() -> None:
    zoo = FakeZoo()
    learns = held(zoo, "lab.learn")
    engine = Engine(zoo, lane_of=lambda procedure: "learn" if "lab" in procedure else "draw")
    engine.start()
    learner = engine.submit("lab.learn", asked())
    await until(lambda: engine.load == (1, 0))
    assert (await engine.submit("a.sample", asked()).result()).done
    draws = held(zoo)
    drawer = engine.submit("a.sample", asked())
    learns.gate.set()
    assert (await learner.result()).done
    draws.gate.set()
    assert (await drawer.result()).done
    assert learns.cores == {1}
    await asyncio.to_thread(engine.stop)


async def test_each_lane_has_threads_and_limits_of_its_own() -> None:
    engine = Engine(FakeZoo(), Limits(waiting=0), lane_of=lambda procedure: LEARN)
    before = set(threading.enumerate())
    engine.start()
    own = set(threading.enumerate()) - before
    assert {t.name for t in own} == {"draw-receive", "draw-work", "learn-receive", "learn-work"}
    assert (await engine.submit("a.sample", asked()).result()).done
    await asyncio.to_thread(engine.stop)
    assert not own & set(threading.enumerate())
