"""Load every model in the background, in the order of the course, before its slide is reached;
then let each prepare for speed and see what batch it gains by, which no Play waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from app.context import Context
from app.threads import give_way
from models.checkpoint import CheckpointError

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
"""How often it is asked whether the engine is idle."""


async def warm_up(context: Context) -> None:
    """Load all models; what cannot be loaded is noted in ``context.problems``."""
    # A thread of its own, which ends: it computes on several cores, see app.threads. What OpenVINO
    # begins in it gives way too.
    thread = ThreadPoolExecutor(1, "warm-up", initializer=give_way)
    try:
        await _warm_up(context, partial(asyncio.get_running_loop().run_in_executor, thread))
    finally:
        thread.shutdown(wait=False)


async def _warm_up(context: Context, aside: Callable[..., Awaitable[None]]) -> None:
    zoo, threads = context.zoo, context.settings.threads
    for name in zoo.names():
        try:
            await aside(zoo.load, name)
        except CheckpointError as error:
            log.error("model %s is unavailable: %s", name, error)
            context.problems[name] = str(error)
    context.ready = True
    loaded = zoo.loaded()
    for name in loaded if context.settings.accelerate else ():
        await aside(zoo.prepare, name, threads)
    for procedure in zoo.procedures():
        if procedure.partition(".")[0] in loaded:
            while context.engine.load != (0, 0):  # Plays and measuring would slow each other
                await asyncio.sleep(IDLE_SECONDS)
            await aside(context.engine.measure, procedure)
    context.prepared = True
