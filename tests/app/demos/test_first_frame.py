"""However full the engine is, the first frame of every demo comes before a model's step ends."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from app.context import Context
from app.demos.demo import Demo, Result
from app.engine import Engine, Limits
from app.health.metrics import Metrics
from app.settings import Settings
from models.runtime.zoo import Zoo
from tests.support.demos import DEMOS
from tests.support.fake_zoo import FakeSampler, FakeZoo, Walk, asked
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.runtime.sampler import Request

pytestmark = pytest.mark.anyio

SECONDS = 20.0


class Gated(FakeSampler):
    """Takes the requests of any procedure; its steps wait until the gate is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.gate.clear()

    def start(self, request: Request[Any]) -> Walk:
        return Walk(request, 0, 3, torch.zeros(request.n, 3, 8, 8))


class Busy(FakeZoo):
    """Describes the real procedures; every sampler waits at its gate and draws nothing real."""

    def __init__(self) -> None:
        super().__init__()
        self.real = Zoo()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def request(self, procedure: str, n: Any = None, seed: int = 0, **values: Any) -> Request[Any]:
        return self.real.request(procedure, n, seed, **values)

    def sampler(self, procedure: str) -> FakeSampler:
        return self.made.setdefault(procedure, Gated())

    @property
    def steps(self) -> int:
        return sum(len(sampler.batches) for sampler in self.made.values())


@pytest.fixture
async def zoo() -> AsyncIterator[Busy]:
    made = Busy()
    yield made
    for sampler in made.made.values():
        sampler.gate.set()


@pytest.fixture
async def context(zoo: Busy) -> AsyncIterator[Context]:
    """One Play holds the only place."""
    engine = Engine(zoo, Limits(active=1, waiting=9))
    engine.start()
    made = Context(Settings(), cast("Zoo", zoo), engine, Metrics())
    first = engine.submit("vae.sample", asked(seed=99))
    await until(lambda: engine.load == (1, 0))
    yield made
    first.leave()
    for sampler in zoo.made.values():
        sampler.gate.set()
    await asyncio.to_thread(engine.stop)


@pytest.mark.parametrize("demo", DEMOS, ids=lambda d: d.name)
async def test_it_comes_while_no_step_has_ended(
    context: Context, zoo: Busy, demo: Demo[Any]
) -> None:
    async with asyncio.timeout(SECONDS), aclosing(demo.frames(context, demo.parameters())) as it:
        frame = await anext(it)
    assert frame.message or frame.scene
    assert frame.waits
    assert zoo.steps == 0
    assert not frame.done
    await until(lambda: context.engine.load == (1, 0))  # a reader who left holds no place


async def test_a_result_tells_its_place_until_it_is_there(context: Context, zoo: Busy) -> None:
    drawing = Result(context, "gan.sample", n=2)
    said: list[str] = []
    async with asyncio.timeout(SECONDS), aclosing(drawing.frames("Two are drawn.", 3)) as frames:
        async for frame in frames:
            assert (frame.step, frame.total) == (0, 3)
            said.append(frame.message)
            if len(said) == 2:
                zoo.sampler("gan.sample").gate.set()
                zoo.sampler("vae.sample").gate.set()
    assert said[:2] == ["Two are drawn.", "The models are busy: 1 play is before yours."]
    assert drawing.end.done


async def test_a_result_that_nobody_waits_for_leaves_the_queue(context: Context) -> None:
    frames = Result(context, "gan.sample", n=2).frames("Two are drawn.")
    await anext(frames)
    assert context.engine.load == (1, 1)
    await frames.aclose()
    assert context.engine.load == (1, 0)
