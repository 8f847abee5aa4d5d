"""A demo as a Play: its frames as HTML, and what went wrong in words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from app.context import Context
from app.deck.stage import Stage
from app.demos.demo import Frame
from app.engine import EngineFullError, PlayFailedError
from app.inputs import InputGoneError
from app.plays.play import Play
from app.sentences import say
from models.runtime.checkpoint import CheckpointError
from models.runtime.errors import RequestError

log = logging.getLogger(__name__)


async def perform(stage: Stage, context: Context, play: Play[Frame]) -> None:
    """Publish the demo's frames; see :func:`run`.

    Raises:
        EngineFullError: there was no room for the first.
    """
    context = replace(context, priority=play.priority)
    await run(stage, context, partial(_publish, stage, play))


async def run(stage: Stage, context: Context, show: Callable[[Frame], Awaitable[None]]) -> None:
    """Show the demo's frames; what fails after the first becomes one that says so.

    Raises:
        EngineFullError: there was no room for the first.
    """
    limit = context.settings.stream_seconds
    latest: Frame | None = None
    try:
        frames = stage.demo.frames(context, stage.parameters)
        async with asyncio.timeout(limit), aclosing(frames):
            async for latest in frames:
                await show(latest)
        return
    except (PlayFailedError, CheckpointError, InputGoneError) as error:
        problem = str(error)
    except RequestError as error:
        problem = say(error)
    except TimeoutError:
        problem = f"This Play was ended after {limit} seconds."
    except EngineFullError as error:
        if latest is None:
            raise
        problem = str(error)
    except Exception:
        log.exception("demo %s failed", stage.demo.name)
        problem = "This Play could not be finished. Please try another seed."
    await show(_failure(problem, latest))


def _failure(text: str, latest: Frame | None) -> Frame:
    step, total = (latest.step, latest.total) if latest else (0, 1)
    return Frame(text, max(step, 1), max(total, 1), done=True, failed=True, message=text)


async def _publish(stage: Stage, play: Play[Frame], frame: Frame) -> None:
    html = await asyncio.to_thread(stage.render, frame)
    play.publish(html, frame.step, frame if frame.done else None, frame.failed)
