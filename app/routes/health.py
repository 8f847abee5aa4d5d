"""Is the process alive, can it serve Plays, and what has it done so far?"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.context import Context, get_context
from app.health.readiness import faults
from app.presenter import only_operators

router = APIRouter(tags=["health"])
App = Annotated[Context, Depends(get_context)]


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Not ready, with reasons"}})
async def readyz(context: App) -> JSONResponse:
    """200 when every model's checkpoint is usable and the engine steps, else 503 with reasons.

    ``failing`` names models that keep failing; the others go on, so it is no reason.
    """
    reasons = faults(context)
    active, waiting = context.engine.load
    body: dict[str, Any] = {
        "ready": not reasons,
        "reasons": reasons,
        "failing": context.metrics.failing(),
        "device": context.zoo.device.type,
        "left_device": context.zoo.left_device,
        "warm": context.ready,
        "prepared": context.prepared,
        "active": active,
        "waiting": waiting,
    }
    return JSONResponse(body, 503 if reasons else 200)


async def only_scrapers(request: Request, context: App) -> None:
    """Dependency: operators, or everybody where the settings say so."""
    if not context.settings.open_metrics:
        await only_operators(request, context)


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Depends(only_scrapers)],
    responses={403: {"description": "Neither the presenter nor this machine; see the settings"}},
)
async def metrics(context: App) -> Response:
    """Counters, gauges and histograms in Prometheus' text format."""
    text = await asyncio.to_thread(generate_latest, context.metrics.registry)
    headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    return Response(text, headers=headers)
