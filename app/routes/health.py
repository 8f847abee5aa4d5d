"""Is the process alive, and can it serve Plays?"""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from app.context import Context, get_context
from models.checkpoint import CheckpointError, load_card

router = APIRouter(tags=["health"])

STUCK_SECONDS = 30.0


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(context: Annotated[Context, Depends(get_context)]) -> JSONResponse:
    """200 when every model's checkpoint is usable and the engine steps, else 503 with reasons."""
    reasons = list(context.problems.values()) or _missing_cards(context)
    active, waiting = context.engine.load
    if context.draining:
        reasons.append("the server is shutting down")
    if active and time.monotonic() - context.engine.last_step > STUCK_SECONDS:
        reasons.append("the engine has taken no step for a while")
    body: dict[str, Any] = {
        "ready": not reasons,
        "reasons": reasons,
        "warm": context.ready,
        "active": active,
        "waiting": waiting,
    }
    return JSONResponse(body, 503 if reasons else 200)


def _missing_cards(context: Context) -> list[str]:
    """Before the warm-up has come to a model, at least its card must be there."""
    reasons = []
    for name in context.zoo.names():
        try:
            load_card(name, context.zoo.folder)
        except CheckpointError as error:
            reasons.append(str(error))
    return reasons
