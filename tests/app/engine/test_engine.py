"""The engine: batching changes nothing, nobody starves, the broken fail alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import torch

from app.engine import (
    Engine,
    EngineFullError,
    Limits,
    Observer,
    PlayFailedError,
    Priority,
    Progress,
)
from tests.support.fake_zoo import FakeSampler, FakeZoo, asked
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

pytestmark = pytest.mark.anyio


class Witness(Observer):
    """Writes down what it hears: steps as (trajectories, rows, seconds), the rest by name."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, float]] = []
        self.heard: list[tuple[str, str]] = []
        self.waits: list[float] = []
        self.messages: list[str] = []

    def stepped(self, procedure: str, trajectories: int, rows: int, seconds: float) -> None:
        self.steps.append((trajectories, rows, seconds))

    def first_frame(self, procedure: str, seconds: float) -> None:
        self.heard.append(("first_frame", procedure))
        self.waits.append(seconds)

    def finished(self, procedure: str) -> None:
        self.heard.append(("finished", procedure))

    def failed(self, procedure: str, message: str) -> None:
        self.heard.append(("failed", procedure))
        self.messages.append(message)

    def cancelled(self, procedure: str) -> None:
        self.heard.append(("cancelled", procedure))

    def shed(self, procedure: str) -> None:
        self.heard.append(("shed", procedure))


@pytest.fixture
def zoo() -> FakeZoo:
    return FakeZoo()


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
async def engine(zoo: FakeZoo, witness: Witness) -> AsyncIterator[Engine]:
    running = Engine(zoo, Limits(batch_rows=8, active=16, waiting=20), witness)
    running.start()
    yield running
    await asyncio.to_thread(running.stop)


def sampler(zoo: FakeZoo, name: str = "a.sample") -> FakeSampler:
    made = zoo.sampler(name)
    assert isinstance(made, FakeSampler)
    return made


async def test_alone_equals_batched(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    alone = (await engine.submit("a.sample", asked(seed=4)).result()).view
    fake.gate.clear()
    plays = [engine.submit("a.sample", asked(seed=seed)) for seed in range(6)]
    fake.gate.set()
    frames = await asyncio.gather(*(play.result() for play in plays))
    assert max(map(len, fake.batches)) > 1
    together = frames[4].view
    assert torch.allclose(alone.images, together.images, atol=1e-6)


async def test_every_step_is_a_frame(engine: Engine) -> None:
    frames = [f async for f in engine.submit("a.sample", asked(num_steps=7)).progress()]
    assert [f.step for f in frames if not f.waits] == list(range(8))
    assert [f.done for f in frames] == [False] * (len(frames) - 1) + [True]


async def test_long_plays_publish_few_frames(engine: Engine) -> None:
    frames = [f async for f in engine.submit("a.sample", asked(num_steps=200)).progress()]
    steps = [f.step for f in frames if not f.waits]
    assert len(steps) <= 25
    assert (steps[0], steps[-1]) == (0, 200)


async def test_a_batch_stays_within_its_rows(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    plays = [engine.submit("a.sample", asked(n=3, seed=seed)) for seed in range(6)]
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    assert max(map(len, fake.batches)) == 2  # two of three rows fit eight


async def test_a_batch_is_no_larger_than_it_gains(
    engine: Engine, zoo: FakeZoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.engine.worthwhile_rows", lambda sampler, most: 3)
    monkeypatch.setattr("app.engine.engine.worthwhile_cores", lambda sampler, rows, cores: 1)
    engine.measure("a.sample")
    fake = sampler(zoo)
    fake.gate.clear()
    plays = [engine.submit("a.sample", asked(seed=seed)) for seed in range(8)]
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    assert max(map(len, fake.batches)) == 3


async def test_a_model_that_fails_when_measured_is_left_as_it_is(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.engine.curve.PLAY", 1)
    monkeypatch.setattr(FakeSampler, "request", lambda self, n, seed: asked(n=n, seed=13))
    await asyncio.to_thread(engine.measure, "a.sample")
    assert "measuring a.sample failed" in caplog.text
    assert (await engine.submit("a.sample", asked()).result()).done


async def test_what_is_measured_beside_a_step_is_not_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disturbed(sampler: FakeSampler, most: int) -> int:
        engine._lanes["draw"]._steps.last += 1
        return 3

    monkeypatch.setattr("app.engine.engine.worthwhile_rows", disturbed)
    monkeypatch.setattr("app.engine.engine.worthwhile_cores", lambda sampler, rows, cores: 1)
    assert not engine.measure("a.sample")
    assert engine._lanes["draw"].pace.cores("a.sample") is None
    monkeypatch.setattr("app.engine.engine.worthwhile_rows", lambda sampler, most: 3)
    assert engine.measure("a.sample")
    assert engine._lanes["draw"].pace.cores("a.sample") == 1


async def test_a_step_computes_on_as_many_cores_as_it_gains_by(
    zoo: FakeZoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(zoo, Limits(threads=3))
    small, large = sampler(zoo, "a.sample"), sampler(zoo, "b.sample")
    monkeypatch.setattr("app.engine.engine.worthwhile_rows", lambda fake, most: most)
    monkeypatch.setattr(
        "app.engine.engine.worthwhile_cores",
        lambda fake, rows, cores: 1 if fake is small else cores,
    )
    await asyncio.to_thread(engine.measure, "a.sample")
    await asyncio.to_thread(engine.measure, "b.sample")
    engine.start()
    for procedure in ("a.sample", "b.sample", "c.sample"):
        await engine.submit(procedure, asked()).result()
    await asyncio.to_thread(engine.stop)
    assert [fake.cores for fake in (small, large, sampler(zoo, "c.sample"))] == [{1}, {3}, {3}]


async def test_a_cancelled_play_leaves_within_a_step(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.pause = 0.01
    frames = engine.submit("a.sample", asked(seed=2, num_steps=10_000)).progress()
    await anext(frames)
    await frames.aclose()
    steps = len(fake.batches)
    await until(lambda: engine.load == (0, 0))
    assert len(fake.batches) <= steps + 2


async def test_no_model_starves(engine: Engine, zoo: FakeZoo) -> None:
    names = ["a.sample", "b.sample", "c.sample"]
    fakes = [sampler(zoo, name) for name in names]
    for fake in fakes:
        fake.gate.clear()
    plays = [engine.submit(n, asked(seed=s, num_steps=20)) for n in names for s in range(3)]
    streams = [play.progress() for play in plays]
    await asyncio.gather(*(anext(stream) for stream in streams))  # all have begun

    async def rest(stream: AsyncGenerator[Progress, None]) -> Progress:
        return [frame async for frame in stream][-1]

    for fake in fakes:
        fake.gate.set()
    running = [asyncio.ensure_future(rest(stream)) for stream in streams]
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    # When the first play ends the others are as far, give or take the order of the turns.
    assert done
    counts = [len(fake.batches) for fake in fakes]
    assert max(counts) - min(counts) <= 4
    await asyncio.gather(*running)


async def test_a_raising_play_fails_alone(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    good = [engine.submit("a.sample", asked(seed=seed)) for seed in (1, 2, 3)]
    bad = engine.submit("a.sample", asked(seed=13))
    fake.gate.set()
    frames = await asyncio.gather(*(play.result() for play in good))
    assert all(frame.done for frame in frames)
    with pytest.raises(PlayFailedError, match="model failed") as failure:
        await bad.result()
    assert not failure.value.refused
    assert (await engine.submit("a.sample", asked(seed=5)).result()).done


@pytest.mark.parametrize(("seed", "reason"), [(14, "lost its way"), (15, "model failed")])
async def test_what_cannot_be_shown_fails_alone(
    engine: Engine, zoo: FakeZoo, seed: int, reason: str
) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    good, bad = (engine.submit("a.sample", asked(seed=s)) for s in (1, seed))
    fake.gate.set()
    assert (await good.result()).done
    with pytest.raises(PlayFailedError, match=reason):
        await bad.result()
    assert (await engine.submit("a.sample", asked(seed=5)).result()).done


async def test_a_refused_request_says_why(engine: Engine) -> None:
    with pytest.raises(PlayFailedError, match="images of 8 by 8 pixels") as failure:
        await engine.submit("a.sample", asked(refused=True)).result()
    assert failure.value.refused


async def test_the_queue_is_bounded(zoo: FakeZoo) -> None:
    small = Engine(zoo, Limits(active=1, waiting=2))
    sampler(zoo).gate.clear()
    small.start()
    plays = [small.submit("a.sample", asked(seed=0))]
    await until(lambda: small.load == (1, 0))
    plays += [small.submit("a.sample", asked(seed=seed)) for seed in (1, 2)]
    with pytest.raises(EngineFullError) as caught:
        small.submit("a.sample", asked(seed=3))
    assert caught.value.retry_after > 0
    assert (await anext(plays[2].progress())).ahead == 2  # the one that runs and one that waits
    sampler(zoo).gate.set()
    await plays[1].result()
    await asyncio.to_thread(small.stop)


async def test_stopping_ends_plays(zoo: FakeZoo) -> None:
    engine = Engine(FakeZoo(pause=0.01))
    engine.start()
    play = engine.submit("a.sample", asked(num_steps=10_000))
    frames = play.progress()
    await anext(frames)
    await asyncio.to_thread(engine.stop)
    with pytest.raises(PlayFailedError, match="shutting down"):
        async for _ in frames:
            pass


async def test_steps_are_told_with_their_size_and_time(
    engine: Engine, zoo: FakeZoo, witness: Witness
) -> None:
    fake = sampler(zoo)
    fake.pause = 0.02
    fake.gate.clear()
    plays = [engine.submit("a.sample", asked(n=3, seed=seed, num_steps=2)) for seed in range(3)]
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    assert [n for n, _, _ in witness.steps] == [len(batch) for batch in fake.batches]
    assert max(n for n, _, _ in witness.steps) == 2
    assert all(rows == 3 * n for n, rows, _ in witness.steps)
    assert all(seconds >= 0.02 for _, _, seconds in witness.steps)


async def test_waiting_for_a_place_is_waiting_for_the_first_picture(
    zoo: FakeZoo, witness: Witness
) -> None:
    small = Engine(zoo, Limits(active=1), witness)
    fake = sampler(zoo)
    fake.gate.clear()
    small.start()
    plays = [small.submit("a.sample", asked(seed=0))]
    await until(lambda: small.load == (1, 0))
    plays += [small.submit("a.sample", asked(seed=1))]
    assert witness.heard == [("first_frame", "a.sample")]
    await asyncio.sleep(0.05)
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    assert len(witness.waits) == 2
    assert witness.waits[1] >= 0.05
    assert witness.heard.count(("finished", "a.sample")) == 2
    await asyncio.to_thread(small.stop)


async def test_a_step_on_its_way_holds_up_no_first_picture(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    plays = [engine.submit("a.sample", asked(seed=seed)) for seed in range(3)]
    first = await asyncio.gather(*(anext(play.progress()) for play in plays))
    assert [frame.step for frame in first] == [0, 0, 0]
    assert not any(frame.waits for frame in first)
    assert fake.batches == []
    fake.gate.set()


async def test_an_urgent_play_goes_before_all_others(zoo: FakeZoo) -> None:
    small = Engine(zoo, Limits(batch_rows=2, active=2, waiting=3))
    fake = sampler(zoo)
    fake.pause = 0.01
    fake.gate.clear()
    small.start()
    plays = [small.submit("a.sample", asked(seed=seed, num_steps=50)) for seed in range(2)]
    await until(lambda: small.load == (2, 0))
    plays += [small.submit("a.sample", asked(seed=seed, num_steps=50)) for seed in range(2, 5)]
    with pytest.raises(EngineFullError):
        small.submit("a.sample", asked(seed=8))
    urgent = small.submit("a.sample", asked(seed=9, num_steps=50), priority=Priority(urgent=True))
    frames = urgent.progress()
    assert not (await anext(frames)).waits  # though queue and places are full
    fake.gate.set()
    async for _ in frames:
        pass
    assert all(9 in batch for batch in fake.batches[2:50])
    assert not any(play._trajectory.finished for play in plays[2:])
    await asyncio.to_thread(small.stop)


async def test_a_step_takes_no_more_rows_than_it_has_time_for(
    engine: Engine, zoo: FakeZoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.pace.STEP_SECONDS", 0.02)
    fake = sampler(zoo)
    fake.row_pause = 0.01
    fake.gate.clear()
    plays = [engine.submit("a.sample", asked(seed=seed, num_steps=20)) for seed in range(6)]
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    sizes = [len(batch) for batch in fake.batches]
    assert max(sizes[5:]) <= 2
    assert {seed for batch in fake.batches for seed in batch} == set(range(6))


async def test_first_and_last_picture_are_told_once(engine: Engine, witness: Witness) -> None:
    await engine.submit("a.sample", asked(num_steps=7)).result()
    assert witness.heard == [("first_frame", "a.sample"), ("finished", "a.sample")]


async def test_a_result_alone_has_no_first_picture(engine: Engine, witness: Witness) -> None:
    await engine.submit("a.sample", asked(num_steps=7), frames=False).result()
    assert witness.heard == [("finished", "a.sample")]


@pytest.mark.parametrize(
    ("seed", "reason"), [(13, "model failed"), (14, "lost its way"), (15, "model failed")]
)
async def test_a_failure_is_told_with_its_words(
    engine: Engine, witness: Witness, seed: int, reason: str
) -> None:
    with pytest.raises(PlayFailedError) as failure:
        await engine.submit("a.sample", asked(seed=seed)).result()
    assert witness.heard.count(("failed", "a.sample")) == 1
    assert ("finished", "a.sample") not in witness.heard
    assert witness.messages == [str(failure.value)]
    assert reason in witness.messages[0]


async def test_a_refused_request_is_no_failure(engine: Engine, witness: Witness) -> None:
    with pytest.raises(PlayFailedError):
        await engine.submit("a.sample", asked(refused=True)).result()
    assert witness.heard == []


async def test_stopping_is_no_failure(witness: Witness) -> None:
    engine = Engine(FakeZoo(pause=0.01), observer=witness)
    engine.start()
    frames = engine.submit("a.sample", asked(num_steps=10_000)).progress()
    await anext(frames)
    await asyncio.to_thread(engine.stop)
    with pytest.raises(PlayFailedError, match="shutting down"):
        async for _ in frames:
            pass
    assert witness.heard == [("first_frame", "a.sample")]


async def test_a_play_left_while_it_runs_is_told_once(
    engine: Engine, zoo: FakeZoo, witness: Witness
) -> None:
    sampler(zoo).pause = 0.01
    frames = engine.submit("a.sample", asked(num_steps=10_000)).progress()
    await anext(frames)
    await frames.aclose()
    await until(lambda: engine.load == (0, 0))
    assert witness.heard == [("first_frame", "a.sample"), ("cancelled", "a.sample")]


async def test_a_play_left_in_the_queue_makes_room_at_once(zoo: FakeZoo, witness: Witness) -> None:
    small = Engine(zoo, Limits(active=1, waiting=2), witness)
    fake = sampler(zoo)
    fake.gate.clear()
    small.start()
    running = small.submit("a.sample", asked(seed=0), frames=False)
    await until(lambda: small.load == (1, 0))
    waiting = [small.submit("a.sample", asked(seed=seed), frames=False) for seed in (1, 2)]
    with pytest.raises(EngineFullError):
        small.submit("a.sample", asked(seed=3), frames=False)
    waiting[0].leave()
    assert small.load == (1, 1)
    assert witness.heard == [("shed", "a.sample"), ("cancelled", "a.sample")]
    last = small.submit("a.sample", asked(seed=3), frames=False)
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in (running, waiting[1], last)))
    assert {seed for batch in fake.batches for seed in batch} == {0, 2, 3}
    assert witness.heard.count(("cancelled", "a.sample")) == 1
    await asyncio.to_thread(small.stop)
