"""What demos share: two plays at once, a seed, and the words they say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from app.context import Context
from app.deck.comparison import savings
from app.demos.demo import side_by_side
from app.engine import Engine, EngineFullError, Limits
from app.health.metrics import Metrics
from app.settings import Settings
from models.runtime.zoo import Zoo
from tests.support.demos import DEMOS
from tests.support.fake_zoo import FakeZoo, asked
from tests.support.visible import Visible
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi.testclient import TestClient

    from app.demos.demo import Demo


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    zoo = FakeZoo()
    engine = Engine(zoo, Limits(active=1, waiting=2))
    engine.start()
    yield Context(Settings(), cast("Zoo", zoo), engine, Metrics())
    await asyncio.to_thread(engine.stop)


@pytest.mark.anyio
async def test_two_plays_end_side_by_side(context: Context) -> None:
    plays = [("a.sample", asked(num_steps=3)), ("b.sample", asked(num_steps=6))]
    pairs = [pair async for pair in side_by_side(context, plays)]
    assert all(len(pair) == 2 for pair in pairs)
    assert [frame.done for frame in pairs[-1]] == [True, True]
    assert [frame.total for frame in pairs[-1]] == [3, 6]
    assert not all(frame.done for frame in pairs[-2])


@pytest.mark.anyio
async def test_the_first_play_is_left_when_there_is_no_room_for_the_second(
    context: Context,
) -> None:
    fake = context.engine
    held = context.zoo.sampler("a.sample")
    held.gate.clear()  # type: ignore[attr-defined]
    running = [fake.submit("a.sample", asked(seed=seed)) for seed in range(1, 3)]
    await until(lambda: fake.load[0] > 0)
    before = fake.load
    plays = [("a.sample", asked(seed=8)), ("a.sample", asked(seed=9))]
    with pytest.raises(EngineFullError):
        await anext(side_by_side(context, plays))
    held.gate.set()  # type: ignore[attr-defined]
    await asyncio.gather(*(play.result() for play in running))
    await until(lambda: fake.load == (0, 0))
    seen = {seed for batch in held.batches for seed in batch}  # type: ignore[attr-defined]
    assert before == (1, 1)
    assert seen == {1, 2}  # nobody watched the first of the two, so it never ran


@pytest.mark.parametrize(
    "measured", [{}, {"step_cost": {"ratio": {"gflops": 4, "milliseconds": 5}}}]
)
def test_the_cost_of_latents_is_said_if_it_was_measured(measured: dict[str, Any]) -> None:
    class Cards:
        def card(self, name: str) -> dict[str, Any]:
            return {"measured": measured} if name == "latent-diffusion" else {}

    said = savings(cast("Context", Cards()))
    assert ("4.0× in operations" in said) == ("5.0× in time" in said) == bool(measured)


@pytest.mark.parametrize("demo", DEMOS, ids=lambda d: d.name)
def test_a_seed_is_shown_where_it_changes_something(client: TestClient, demo: Demo[Any]) -> None:
    page = client.get(f"/slides/{demo.slide}?demo={demo.name}&seed=3").text
    assert ("data-reroll" in page) == demo.seeded
    assert Visible(page).fields["seed"] == "3"


@pytest.mark.parametrize("name", ["interpolate", "compress"])
def test_another_seed_of_those_without_gives_the_same(name: str) -> None:
    demo = next(d for d in DEMOS if d.name == name)
    assert not demo.seeded
    procedure = {"interpolate": "vae.interpolate", "compress": "latent-diffusion.autoencode"}[name]
    sampler = Zoo().sampler(procedure)
    size = {"interpolate": (2, 3, 64, 64), "compress": (1, 3, 128, 128)}[name]
    images = torch.rand(size) * 2 - 1
    one, two = (sampler.run(sampler.request(seed=seed, images=images)).images for seed in (1, 2))
    assert torch.equal(one, two)
