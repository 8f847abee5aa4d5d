"""A Play: frames as server-sent events, or the last of them on a whole page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response
from fastapi.sse import EventSourceResponse

from app.client import until_gone
from app.context import Context, get_context
from app.deck.stage import Stage, read_stage
from app.demos.demo import Frame
from app.plays import Plays, Reader, get_plays
from app.plays.performance import perform
from app.presenter import presents
from app.routes.pages import slide_page

router = APIRouter(include_in_schema=False)
App = Annotated[Context, Depends(get_context)]
Wanted = Annotated[Stage, Depends(read_stage)]


async def read_play(
    request: Request,
    stage: Wanted,
    context: App,
    plays: Annotated[Plays, Depends(get_plays)],
    last_event_id: Annotated[str, Header()] = "",
) -> AsyncIterator[Reader[Frame]]:
    """Dependency: a reader of the Play that is asked for, until the response has been sent."""
    urgent = presents(request, context.presenter_key)
    work = partial(perform, stage, context)
    reader = plays.join(stage.key, work, stage.demo.models[0], urgent, last_event_id)
    try:
        yield reader
    finally:
        reader.leave()


@router.get("/slides/{number}/play")
async def play(
    request: Request,
    stage: Wanted,
    context: App,
    reader: Annotated[Reader[Frame], Depends(read_play)],
) -> Response:
    """Stream to those who accept it; without JavaScript answer the slide with the result.

    A stream goes on after the header ``Last-Event-ID``, if there is one.
    """
    if "text/event-stream" not in request.headers.get("accept", ""):
        frame = await until_gone(request, reader.result())
        return await asyncio.to_thread(slide_page, request, stage, context, frame)
    # Something is awaited here, so that a full engine is a 503 and not a broken stream.
    await until_gone(request, reader.begun())
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
    return EventSourceResponse(reader.events(), headers=headers)
