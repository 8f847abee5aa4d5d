"""Run every Play once with its default values, as a student would, to see that all of them work."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import Request as WebRequest

from app.context import Context
from app.deck.stage import Stage
from app.demos.demo import Demo
from app.engine import EngineFullError, PlayFailedError
from app.sentences import say
from models.runtime.errors import RequestError

log = logging.getLogger(__name__)

LIMIT = 120.0
"""Seconds after which a Play is given up."""


@dataclass
class Trial:
    """One Play in a rehearsal.

    Attributes:
        demo: which.
        state: how far it is.
        step, total: its progress.
        began, ended: on the monotonic clock; 0 before that.
        problem: what is wrong with it, in words; empty while nothing is.
    """

    demo: Demo[Any]
    state: Literal["waiting", "running", "ready", "wrong"] = "waiting"
    step: int = 0
    total: int = 1
    began: float = 0.0
    ended: float = 0.0
    problem: str = ""

    @property
    def seconds(self) -> float:
        """How long it has run, or did."""
        return (self.ended or time.monotonic()) - self.began if self.began else 0.0


@dataclass
class Rehearsal:
    """One run through all Plays at a time; ``trials`` holds the present or the last one."""

    context: Context
    trials: list[Trial] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether a run is on its way."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin a run, unless one is on its way; call from the event loop."""
        if not self.running:
            self.trials = [Trial(demo) for demo in self.context.demos]
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the run that is on its way, if any."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        for trial in self.trials:
            trial.state, trial.began = "running", time.monotonic()
            trial.problem = await _problem(self._play(trial))
            trial.ended = time.monotonic()
            trial.state = "wrong" if trial.problem else "ready"

    async def _play(self, trial: Trial) -> None:
        demo = trial.demo
        for name in demo.models:
            if name in self.context.problems:
                raise PlayFailedError(self.context.problems[name])
        stage = Stage(demo.slide, demo, demo.parameters.model_validate({}))
        async with (
            asyncio.timeout(LIMIT),
            aclosing(demo.frames(self.context, stage.parameters)) as frames,
        ):
            async for frame in frames:
                trial.step, trial.total = frame.step, frame.total
                await asyncio.to_thread(stage.render, frame)


async def _problem(play: Awaitable[None]) -> str:
    """Wait for a Play; what went wrong with it, in words."""
    try:
        await play
    except (PlayFailedError, EngineFullError) as error:
        return str(error)
    except RequestError as error:
        return say(error)
    except TimeoutError:
        return f"It did not end within {LIMIT:.0f} seconds."
    except Exception:
        log.exception("a Play failed in the rehearsal")
        return "It could not be finished; the server's log says why."
    return ""


async def get_rehearsal(request: WebRequest) -> Rehearsal:
    """Dependency: the app's rehearsal."""
    rehearsal: Rehearsal = request.app.state.rehearsal
    return rehearsal
