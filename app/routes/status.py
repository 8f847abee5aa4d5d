"""The status page for the instructor, and its button that tries every Play."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from app.context import Context, get_context
from app.deck.templates import templates
from app.health.rehearsal import Rehearsal, get_rehearsal
from app.health.status import board

router = APIRouter(include_in_schema=False)
App = Annotated[Context, Depends(get_context)]
Trials = Annotated[Rehearsal, Depends(get_rehearsal)]


@router.get("/status")
async def status(request: Request, context: App, rehearsal: Trials) -> Response:
    """Is the deck ready for class? Whole, or only its changing part when the page asks."""
    name = "fragments/status.html" if _is_partial(request) else "status.html"
    response = templates.TemplateResponse(request, name, {"board": board(context, rehearsal)})
    response.headers["Vary"] = "HX-Request-Type, Accept"
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/status/warm-up")
async def warm_up(request: Request, context: App, rehearsal: Trials) -> Response:
    """Run every slide's Play once; while that goes on, only say how far it is."""
    rehearsal.start()
    if _is_partial(request):
        return await status(request, context, rehearsal)
    return RedirectResponse("/status", 303)


def _is_partial(request: Request) -> bool:
    return request.headers.get("hx-request-type") == "partial"
