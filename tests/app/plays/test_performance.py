"""A demo as a Play: what fails is said in words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.context import Context
from app.demos.demo import Frame
from app.engine import Engine, EngineFullError, Observer, PlayFailedError, Priority
from app.health.metrics import Metrics
from app.inputs import InputGoneError
from app.plays import Play, Plays
from app.plays.performance import perform
from app.settings import Settings
from models.runtime.checkpoint import CheckpointError
from models.runtime.errors import OutOfRangeError
from tests.support.fake_zoo import FakeZoo
from tests.support.studio import name

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from app.deck.stage import Stage
    from models.runtime.zoo import Zoo

pytestmark = pytest.mark.anyio


class FakeStage:
    """Three frames, or what is to be raised in place of the third or of the first."""

    parameters = None

    def __init__(self, error: Exception | None = None, at_once: bool = False) -> None:
        self.error, self.at_once = error, at_once
        self.demo = self
        self.name = "fake"
        self.context: Context | None = None

    async def frames(self, context: Context, parameters: Any) -> AsyncGenerator[Frame, None]:
        self.context = context
        for step in range(3):
            if self.error is not None and (step == 2 or self.at_once):
                raise self.error
            yield Frame(f"frame {step}", step, 2, done=step == 2)

    def render(self, shown: Frame) -> str:
        return f"{shown.note} {'failed' if shown.failed else ''}"


def context(seconds: int = 60) -> Context:
    zoo = FakeZoo()
    settings = Settings(stream_seconds=seconds)
    return Context(settings, cast("Zoo", zoo), Engine(zoo), Metrics())


async def performed(stage: FakeStage, context: Context) -> list[str]:
    async def work(play: Play[Frame]) -> None:
        await perform(cast("Stage", stage), context, play)

    plays = Plays(10, Observer())
    reader = plays.join("key", work, "a")
    events = [event async for event in reader.events()]
    assert [name(event).split("-")[1] for event in events] == [str(i) for i in range(len(events))]
    reader.leave()
    return [event.decode().splitlines()[0].removeprefix("data: ") for event in events]


async def test_its_frames_are_events() -> None:
    stage = FakeStage()
    assert await performed(stage, context()) == ["frame 0 ", "frame 1 ", "frame 2 "]


async def test_what_it_asks_of_the_engine_has_the_play_s_priority() -> None:
    stage, shared = FakeStage(), context()
    await performed(stage, shared)
    assert stage.context is not None
    assert isinstance(stage.context.priority, Priority)
    assert stage.context.priority is not shared.priority


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PlayFailedError("It lost its way."), "It lost its way."),
        (CheckpointError("vae.json: torn"), "vae.json: torn"),
        (EngineFullError(retry_after=5), "Too many plays are waiting."),
        (
            OutOfRangeError("num_steps", low=1, high=100, value=300),
            "num_steps must be between 1 and 100, not 300.",
        ),
        (InputGoneError("This drawing is no longer kept here."), "This drawing is no longer kept"),
        (OSError("secret"), "This Play could not be finished."),
    ],
)
async def test_what_fails_on_the_way_is_said_in_the_last_event(
    error: Exception, words: str
) -> None:
    said = await performed(FakeStage(error), context())
    assert said[:2] == ["frame 0 ", "frame 1 "]
    assert said[2].startswith(words)
    assert said[2].endswith("failed")
    assert "secret" not in said[2]


async def test_without_room_for_the_first_frame_there_is_no_event() -> None:
    with pytest.raises(EngineFullError):
        await performed(FakeStage(EngineFullError(retry_after=5), at_once=True), context())


async def test_what_it_refuses_before_it_begins_is_said_too() -> None:
    class Refusing(FakeStage):
        def frames(self, context: Context, parameters: Any) -> AsyncGenerator[Frame, None]:
            raise OutOfRangeError("num_steps", low=1, high=100, value=300)

    said = await performed(Refusing(), context())
    assert said == ["num_steps must be between 1 and 100, not 300. failed"]


async def test_it_may_not_take_for_ever() -> None:
    class Endless(FakeStage):
        async def frames(self, context: Context, parameters: Any) -> AsyncGenerator[Frame, None]:
            yield Frame("frame 0", 0, 2)
            await asyncio.sleep(60)

    said = await performed(Endless(), context(seconds=0))
    assert said[-1] == "This Play was ended after 0 seconds. failed"
