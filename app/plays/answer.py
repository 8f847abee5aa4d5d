"""The result of a procedure for a script, computed once for all who ask for the same."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from typing import Any

from app.context import Context
from app.engine import Progress
from app.plays.play import Play
from app.plays.plays import Plays
from models.runtime.sampler import Request


def identity(procedure: str, request: Request[Any]) -> Hashable:
    """Equal for requests that give the same images."""
    digests = (
        (name, hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest())
        for name, tensor in sorted(request.inputs.items())
    )
    return procedure, request, tuple(digests)


async def answer(plays: Plays, context: Context, procedure: str, request: Request[Any]) -> Progress:
    """Wait for the end of a procedure; whoever is cancelled while waiting lets it go.

    Raises:
        EngineFullError: too many are waiting.
        PlayFailedError: the model failed or refused the request.
    """

    async def compute(play: Play[Progress]) -> None:
        watch = context.engine.submit(procedure, request, frames=False, priority=play.priority)
        progress = await watch.result()
        play.publish("", progress.step, progress)

    reader = plays.join(identity(procedure, request), compute, procedure)
    try:
        result = await reader.result()
    finally:
        reader.leave()
    assert result is not None  # or an error was raised
    return result
