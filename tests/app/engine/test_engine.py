"""The engine: batching changes nothing, nobody starves, the broken fail alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import torch

from app.engine import Engine, EngineFullError, PlayFailedError
from models.sampler import Request
from tests.support.fake_zoo import FakeSampler, FakeZoo

pytestmark = pytest.mark.anyio


@pytest.fixture
def zoo() -> FakeZoo:
    return FakeZoo()


@pytest.fixture
async def engine(zoo: FakeZoo) -> AsyncIterator[Engine]:
    running = Engine(zoo, batch_rows=8, max_active=16, max_waiting=20)
    running.start()
    yield running
    await asyncio.to_thread(running.stop)


def sampler(zoo: FakeZoo, name: str = "a.sample") -> FakeSampler:
    made = zoo.sampler(name)
    assert isinstance(made, FakeSampler)
    return made


async def test_alone_equals_batched(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    alone = (await engine.submit("a.sample", Request(seed=4)).result()).view
    fake.gate.clear()
    plays = [engine.submit("a.sample", Request(seed=seed)) for seed in range(6)]
    fake.gate.set()
    frames = await asyncio.gather(*(play.result() for play in plays))
    assert max(map(len, fake.batches)) > 1
    together = frames[4].view
    assert alone is not None
    assert together is not None
    assert torch.allclose(alone.images, together.images, atol=1e-6)


async def test_every_step_is_a_frame(engine: Engine) -> None:
    frames = [f async for f in engine.submit("a.sample", Request(num_steps=7)).frames()]
    assert [f.step for f in frames if f.view is not None] == list(range(8))
    assert [f.done for f in frames] == [False] * (len(frames) - 1) + [True]


async def test_long_plays_publish_few_frames(engine: Engine) -> None:
    frames = [f async for f in engine.submit("a.sample", Request(num_steps=200)).frames()]
    steps = [f.step for f in frames if f.view is not None]
    assert len(steps) <= 25
    assert (steps[0], steps[-1]) == (0, 200)


async def test_a_batch_stays_within_its_rows(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    plays = [engine.submit("a.sample", Request(n=3, seed=seed)) for seed in range(6)]
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    assert max(map(len, fake.batches)) == 2  # two of three rows fit eight


async def test_identical_plays_run_one_trajectory(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    plays = [engine.submit("a.sample", Request(seed=1)) for _ in range(300)]
    fake.gate.set()
    frames = await asyncio.gather(*(play.result() for play in plays))
    assert fake.starts == 1
    assert len({id(frame.view) for frame in frames}) == 1


async def test_images_tell_requests_apart(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    requests = [Request(seed=1, images=torch.full((1, 3, 8, 8), v)) for v in (0.0, 1.0, 1.0)]
    plays = [engine.submit("a.sample", request) for request in requests]
    fake.gate.set()
    await asyncio.gather(*(play.result() for play in plays))
    assert fake.starts == 2


async def test_a_cancelled_play_leaves_within_a_step(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.pause = 0.01
    frames = engine.submit("a.sample", Request(seed=2, num_steps=10_000)).frames()
    await anext(frames)
    await frames.aclose()
    for _ in range(200):
        if engine.load == (0, 0):
            break
        await asyncio.sleep(0.01)
    steps = len(fake.batches)
    await asyncio.sleep(0.1)
    assert engine.load == (0, 0)
    assert len(fake.batches) == steps


async def test_no_model_starves(engine: Engine, zoo: FakeZoo) -> None:
    names = ["a.sample", "b.sample", "c.sample"]
    fakes = [sampler(zoo, name) for name in names]
    for fake in fakes:
        fake.gate.clear()
    plays = [engine.submit(n, Request(seed=s, num_steps=20)) for n in names for s in range(3)]
    for fake in fakes:
        fake.gate.set()
    running = [asyncio.ensure_future(play.result()) for play in plays]
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    # When the first play ends the others are as far, give or take the order of the turns.
    assert done
    counts = [len(fake.batches) for fake in fakes]
    assert max(counts) - min(counts) <= 4
    await asyncio.gather(*running)


async def test_a_raising_play_fails_alone(engine: Engine, zoo: FakeZoo) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    good = [engine.submit("a.sample", Request(seed=seed)) for seed in (1, 2, 3)]
    bad = engine.submit("a.sample", Request(seed=13))
    fake.gate.set()
    frames = await asyncio.gather(*(play.result() for play in good))
    assert all(frame.done for frame in frames)
    with pytest.raises(PlayFailedError, match="model failed") as failure:
        await bad.result()
    assert not failure.value.refused
    assert (await engine.submit("a.sample", Request(seed=5)).result()).done


@pytest.mark.parametrize(("seed", "reason"), [(14, "lost its way"), (15, "model failed")])
async def test_what_cannot_be_shown_fails_alone(
    engine: Engine, zoo: FakeZoo, seed: int, reason: str
) -> None:
    fake = sampler(zoo)
    fake.gate.clear()
    good, bad = (engine.submit("a.sample", Request(seed=s)) for s in (1, seed))
    fake.gate.set()
    assert (await good.result()).done
    with pytest.raises(PlayFailedError, match=reason):
        await bad.result()
    assert (await engine.submit("a.sample", Request(seed=5)).result()).done


async def test_a_refused_request_says_why(engine: Engine) -> None:
    with pytest.raises(PlayFailedError, match="temperature must not be 9") as failure:
        await engine.submit("a.sample", Request(temperature=9)).result()
    assert failure.value.refused


async def test_the_queue_is_bounded(zoo: FakeZoo) -> None:
    small = Engine(zoo, max_active=1, max_waiting=2)
    sampler(zoo).gate.clear()
    small.start()
    plays = [small.submit("a.sample", Request(seed=0))]
    while small.load != (1, 0):
        await asyncio.sleep(0.01)
    plays += [small.submit("a.sample", Request(seed=seed)) for seed in (1, 2)]
    with pytest.raises(EngineFullError) as caught:
        small.submit("a.sample", Request(seed=3))
    assert caught.value.retry_after > 0
    assert (await anext(plays[2].frames())).ahead == 1
    sampler(zoo).gate.set()
    await plays[1].result()
    await asyncio.to_thread(small.stop)


async def test_stopping_ends_plays(zoo: FakeZoo) -> None:
    engine = Engine(FakeZoo(pause=0.01))
    engine.start()
    play = engine.submit("a.sample", Request(num_steps=10_000))
    frames = play.frames()
    await anext(frames)
    await asyncio.to_thread(engine.stop)
    with pytest.raises(PlayFailedError, match="shutting down"):
        async for _ in frames:
            pass
