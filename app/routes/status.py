"""The status page for the instructor, and its button that tries every Play."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from app.context import Context, get_context
from app.deck.templates import templates
from app.health.rehearsal import Rehearsal, get_rehearsal
from app.health.status import board
from app.partial import VARY, wants_part
from app.presenter import may_operate, only_operators

router = APIRouter(include_in_schema=False)
App = Annotated[Context, Depends(get_context)]
Trials = Annotated[Rehearsal, Depends(get_rehearsal)]


@router.get("/status")
async def status(request: Request, context: App, rehearsal: Trials) -> Response:
    """Is the deck ready for class? Whole, or only its changing part when the page asks."""
    name = "fragments/status.html" if wants_part(request) else "status.html"
    # Counting what Prometheus keeps takes many milliseconds, which no stream is to wait for.
    answer = await asyncio.to_thread(board, context, rehearsal)
    values = {"board": answer, "may_run": may_operate(request, context)}
    response = templates.TemplateResponse(request, name, values)
    response.headers["Vary"] = VARY
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/status/warm-up", dependencies=[Depends(only_operators)])
async def warm_up(request: Request, context: App, rehearsal: Trials) -> Response:
    """Run every Play once; while that goes on, only say how far it is."""
    rehearsal.start()
    if wants_part(request):
        return await status(request, context, rehearsal)
    return RedirectResponse(f"{request.scope['root_path']}/status", 303)
