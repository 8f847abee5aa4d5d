"""The stills of the whole deck: every slide's first Play to its end, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from app.context import Context
from app.deck.stage import Stage
from app.demos.demo import Frame
from app.plays.performance import run
from app.plays.play import Play, Reader
from app.plays.plays import Plays

KEY = "handout"


@dataclass(frozen=True)
class Still:
    """A slide's Play at its end.

    Attributes:
        stage: the Play, with the values that it began with.
        frame: its last.
    """

    stage: Stage
    frame: Frame


Stills = tuple[Still, ...]


def join_handout(plays: Plays, context: Context, urgent: bool) -> Reader[Stills]:
    """Read the stills, one for each slide; they end when the last reader leaves.

    They are made at most once at a time, for all who ask meanwhile: however many do, the engine
    has no more to do than for one who presses Play after Play.

    Args:
        urgent: whether the presenter asks.

    Raises:
        EngineFullError: as many read as may.
    """
    model = context.demos.find(1).models[0]
    return plays.join(KEY, partial(_draw, context), model, urgent)


async def _draw(context: Context, play: Play[Stills]) -> None:
    """Publish all of them at once.

    Raises:
        EngineFullError: there is no room for one.
    """
    context = replace(context, priority=play.priority)
    stills = []
    for slide in context.deck.outline:
        stage = Stage.opening(context, slide.number)
        stills.append(Still(stage, await _last(stage, context)))
    play.publish("", len(stills), tuple(stills))


async def _last(stage: Stage, context: Context) -> Frame:
    """What a Play shows at its end; those before are not even rendered."""
    latest = Frame("", 0, 1)

    async def show(frame: Frame) -> None:
        nonlocal latest
        latest = frame

    await run(stage, context, show)
    return latest
