"""Load every model in the background, in the order of the course, before its slide is reached;
then let each prepare for speed, which takes longer and which no Play waits for."""

from __future__ import annotations

import asyncio
import logging

from app.context import Context
from models.checkpoint import CheckpointError

log = logging.getLogger(__name__)


async def warm_up(context: Context) -> None:
    """Load all models; what cannot be loaded is noted in ``context.problems``."""
    for name in context.zoo.names():
        try:
            await asyncio.to_thread(context.zoo.load, name)
        except CheckpointError as error:
            log.error("model %s is unavailable: %s", name, error)
            context.problems[name] = str(error)
    context.ready = True
    for name in context.zoo.loaded():
        await asyncio.to_thread(context.zoo.prepare, name, context.settings.threads)
