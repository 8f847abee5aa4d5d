"""Load every model in the background, in the order of the course, before its slide is reached;
then let each prepare for speed and see what batch it gains by, which no Play waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from app.context import Context
from app.machine.threads import give_way
from models.runtime.checkpoint import CheckpointError

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
"""How often it is asked whether the engine is idle."""

Aside = Callable[..., Awaitable[None]]
"""Runs a function in the warm-up's thread."""


async def warm_up(context: Context) -> None:
    """Load all models; what cannot be loaded is noted in ``context.problems``."""
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
    for name in zoo.names():
        try:
            await aside(zoo.load, name)
        except CheckpointError as error:
            log.error("model %s is unavailable: %s", name, error)
            context.problems[name] = str(error)
    context.ready = True
    for name in zoo.loaded() if context.settings.accelerate else ():
        await _idle(context)
        await aside(zoo.prepare, name, context.settings.threads)


async def _measure(context: Context, aside: Aside) -> None:
    engine, loaded = context.engine, context.zoo.loaded()
    for procedure in (p for p in context.zoo.procedures() if p.partition(".")[0] in loaded):
        last_step = None
        # What is measured beside a Play is wrong, so that it is measured again after it.
        while engine.last_step != last_step:
            await _idle(context)
            last_step = engine.last_step
            await aside(engine.measure, procedure)


async def _idle(context: Context) -> None:
    """Wait for the end of the Plays on their way, which all this would slow."""
    while context.engine.load != (0, 0):
        await asyncio.sleep(IDLE_SECONDS)
