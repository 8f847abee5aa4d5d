"""Load every model in the background, in the order of the course, before its slide is reached;
then let each prepare for speed and see what batch it gains by, which no Play waits for.

Both wait for a pause between Plays, but not for ever: a class that presses all the time would be
kept at the speed of the first minute.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from app.context import Context
from app.health.played import played
from app.machine.threads import give_way
from models.runtime.checkpoint import CheckpointError

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
"""How often it is asked whether the engine is idle."""

PATIENCE = 20.0
"""Seconds that each model, or procedure, waits for a pause."""
TRIES = 3
"""How often a procedure is measured, if Plays disturb that."""

Aside = Callable[..., Awaitable[Any]]
"""Runs a function in the warm-up's thread."""


async def warm_up(context: Context) -> None:
    """Load all models that Plays use; what cannot be loaded is noted in ``context.problems``."""
    # A thread of its own, which ends: it computes on several cores, see app.machine.threads. What
    # OpenVINO begins in it gives way too.
    thread = ThreadPoolExecutor(1, "warm-up", initializer=give_way)
    aside = partial(asyncio.get_running_loop().run_in_executor, thread)
    try:
        await _prepare(context, aside)
        await _measure(context, aside)
    finally:
        thread.shutdown(wait=False)
    context.prepared = True


async def _prepare(context: Context, aside: Aside) -> None:
    zoo = context.zoo
    for name in played(zoo, context.demos):
        try:
            await aside(zoo.load, name)
        except CheckpointError as error:
            log.error("model %s is unavailable: %s", name, error)
            context.problems[name] = str(error)
    context.ready = True
    for name in zoo.loaded() if context.settings.accelerate else ():
        await _pause(context)
        await aside(zoo.prepare, name, context.settings.threads)


async def _measure(context: Context, aside: Aside) -> None:
    engine, loaded = context.engine, context.zoo.loaded()
    for procedure in (p for p in context.zoo.procedures() if p.partition(".")[0] in loaded):
        for _ in range(TRIES):
            # What is not measured is learned from the steps of its Plays.
            if not await _pause(context) or await aside(engine.measure, procedure):
                break


async def _pause(context: Context) -> bool:
    """Wait for the end of the Plays on their way; ``False`` if that does not come soon enough."""
    end = time.monotonic() + PATIENCE
    while context.engine.load != (0, 0):
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(IDLE_SECONDS)
    return True
