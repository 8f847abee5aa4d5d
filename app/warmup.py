"""Load every model in the background, in the order of the course, before its slide is reached;
then let each prepare for speed and see what batch it gains by, which no Play waits for."""

from __future__ import annotations

import asyncio
import logging

from app.context import Context
from models.checkpoint import CheckpointError

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
"""How often it is asked whether the engine is idle."""


async def warm_up(context: Context) -> None:
    """Load all models; what cannot be loaded is noted in ``context.problems``."""
    for name in context.zoo.names():
        try:
            await asyncio.to_thread(context.zoo.load, name)
        except CheckpointError as error:
            log.error("model %s is unavailable: %s", name, error)
            context.problems[name] = str(error)
    context.ready = True
    loaded = context.zoo.loaded()
    for name in loaded:
        await asyncio.to_thread(context.zoo.prepare, name, context.settings.threads)
    for procedure in context.zoo.procedures():
        if procedure.partition(".")[0] in loaded:
            while context.engine.load != (0, 0):  # Plays and measuring would slow each other
                await asyncio.sleep(IDLE_SECONDS)
            await asyncio.to_thread(context.engine.measure, procedure)
    context.prepared = True
