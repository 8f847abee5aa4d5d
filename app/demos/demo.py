"""The frame of every demo."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Any, ClassVar

from app.context import Context
from app.demos.panels import Message, Panel
from app.demos.parameters import Parameters
from app.engine import Frame
from models.runtime.sampler import Request, View

PROMPTS = (
    "a laughing person with a red afro and sunglasses",
    "a sad person with a blue beanie, on a yellow background",
    "blond pigtails, glasses, black checkered shirt",
    "a smiling person with brown long hair and light skin",
)
"""Suggestions; every word is in the vocabulary."""


DATASETS = {"faces": "Faces", "fashion": "Fashion-MNIST"}
"""Value of a data-set control → its label."""


@dataclass(frozen=True)
class Shown:
    """One frame of a demo as the page shows it.

    Attributes:
        panels: what is drawn.
        note: what was just computed, one sentence.
        step, total: progress of the whole demo.
        seconds: since it began.
        done: whether it is the last.
        failed: whether it tells why there is no more.
    """

    panels: tuple[Panel, ...]
    note: str
    step: int
    total: int
    seconds: float = 0.0
    done: bool = False
    failed: bool = False


class Demo(ABC):
    """One Play: a name, its parameters, and the frames they lead to.

    Class attributes:
        name: in the URL.
        slide: 1 … 8.
        title: on its tab.
        hint: one sentence on what to look for.
        family: for the accent colour.
        models: names of the models that run.
        parameters: class of its parameters.
    """

    name: ClassVar[str]
    slide: ClassVar[int]
    title: ClassVar[str]
    hint: ClassVar[str]
    family: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    parameters: ClassVar[type[Parameters]] = Parameters

    @abstractmethod
    def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Run it. The first frame comes at once; ``EngineFullError`` may precede it."""


Draw = Callable[[View, Frame], Sequence[Panel]]


async def follow(
    context: Context,
    procedure: str,
    request: Request[Any],
    draw: Draw,
    note: Callable[[Frame], str],
    skip_blank: bool = False,
) -> AsyncGenerator[Shown, None]:
    """Frames of one procedure, drawn by ``draw`` outside the event loop.

    Args:
        skip_blank: leave out the first view, where nothing is drawn yet.
    """
    play = context.submit(procedure, request)
    async with aclosing(play.frames()) as frames:
        async for frame in frames:
            if frame.waits:
                yield waiting(frame)
            elif frame.step or not skip_blank:
                panels = tuple(await asyncio.to_thread(_drawn, draw, frame))
                yield Shown(panels, note(frame), frame.step, frame.total, frame.seconds, frame.done)


def _drawn(draw: Draw, frame: Frame) -> Sequence[Panel]:
    return draw(frame.view, frame)


async def side_by_side(
    context: Context, plays: Sequence[tuple[str, Request[Any]]]
) -> AsyncGenerator[tuple[Frame, ...], None]:
    """The latest frames of several procedures that run at once, until all are done."""
    async with AsyncExitStack() as stack:
        streams = []
        for procedure, request in plays:
            play = context.submit(procedure, request)
            stack.callback(play.leave)  # even if the engine is full when the next one comes
            streams.append(await stack.enter_async_context(aclosing(play.frames())))
        latest = [await anext(stream) for stream in streams]
        yield tuple(latest)
        while not all(frame.done for frame in latest):
            latest = [
                frame if frame.done else await anext(stream)
                for frame, stream in zip(latest, streams, strict=True)
            ]
            yield tuple(latest)


def waiting(frame: Frame) -> Shown:
    """A place in the queue, in words."""
    places = f"{frame.ahead} {'play is' if frame.ahead == 1 else 'plays are'} before yours"
    guess = "" if frame.wait is None else f", about {max(1, round(frame.wait))} s"
    return Shown((Message(f"The models are busy: {places}{guess}."),), "Waiting for a turn.", 0, 1)


async def result(
    context: Context, procedure: str, n: int | None = None, seed: int = 0, **values: Any
) -> Frame:
    """The last frame of one procedure, asked for by plain values."""
    request = context.request(procedure, n, seed, **values)
    return await context.submit(procedure, request, frames=False).result()
