"""Equal requests of scripts are computed once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest
import torch

from app.context import Context
from app.engine import Engine, PlayFailedError
from app.health.metrics import Metrics, totals
from app.plays import Plays
from app.plays.answer import answer
from app.settings import Settings
from tests.support.fake_zoo import FakeSampler, FakeZoo, asked
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.runtime.zoo import Zoo

pytestmark = pytest.mark.anyio


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    zoo = FakeZoo()
    engine = Engine(zoo)
    engine.start()
    yield Context(Settings(), cast("Zoo", zoo), engine, Metrics())
    await asyncio.to_thread(engine.stop)


@pytest.fixture
def plays(context: Context) -> Plays:
    return Plays(1000, context.metrics)


def sampler(context: Context) -> FakeSampler:
    made = context.zoo.sampler("a.sample")
    assert isinstance(made, FakeSampler)
    return made


async def test_identical_requests_run_one_trajectory(context: Context, plays: Plays) -> None:
    answers = [answer(plays, context, "a.sample", asked(seed=1)) for _ in range(300)]
    ends = await asyncio.gather(*answers)
    assert sampler(context).starts == 1
    assert len({id(end.view) for end in ends}) == 1
    assert totals(context.metrics.outcomes["coalesced"]) == {"a": 299}
    assert plays.readers == 0


async def test_images_tell_requests_apart(context: Context, plays: Plays) -> None:
    images = [torch.full((1, 3, 8, 8), value) for value in (0.0, 1.0, 1.0)]
    requests = [asked(seed=1, images=each) for each in images]
    await asyncio.gather(*(answer(plays, context, "a.sample", r) for r in requests))
    assert sampler(context).starts == 2


async def test_a_failure_is_everyone_s(context: Context, plays: Plays) -> None:
    answers = [answer(plays, context, "a.sample", asked(seed=13)) for _ in range(2)]
    ends = await asyncio.gather(*answers, return_exceptions=True)
    assert all(isinstance(end, PlayFailedError) for end in ends)


async def test_when_all_who_wait_are_cancelled_it_ends(context: Context, plays: Plays) -> None:
    request = asked(num_steps=100_000)
    waiting = [asyncio.create_task(answer(plays, context, "a.sample", request)) for _ in range(2)]
    await until(lambda: context.engine.load == (1, 0))
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await until(lambda: context.engine.load == (0, 0))
    assert plays.readers == 0
