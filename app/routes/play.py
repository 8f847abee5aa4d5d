"""A Play: frames as server-sent events, or the last of them on a whole page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import format_sse_event

from app.broadcast import Broadcasts, Moment, Render, get_broadcasts
from app.context import Context, get_context
from app.demos.demo import Shown
from app.demos.panels import Message
from app.engine import EngineFullError, PlayFailedError
from app.presenter import presents
from app.routes.pages import slide_page
from app.stage import Stage, read_stage
from app.templates import templates

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


@router.get("/slides/{number}/play")
async def play(
    request: Request,
    stage: Annotated[Stage, Depends(read_stage)],
    context: Annotated[Context, Depends(get_context)],
    broadcasts: Annotated[Broadcasts, Depends(get_broadcasts)],
) -> Response:
    """Stream to those who accept it; without JavaScript answer the slide with the result."""
    context = replace(context, urgent=presents(request, context.presenter_key))
    key = (stage.slide, stage.demo.name, stage.parameters.model_dump_json())
    moments = broadcasts.watch(key, lambda: _guarded(stage, context), _renderer(stage))
    # The first frame is awaited here, so that a full engine is a 503 and not a broken stream.
    first = await anext(moments)
    if "text/event-stream" in request.headers.get("accept", ""):
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
        events = _events(first, moments)
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)
    last = first
    async with aclosing(moments):
        async for moment in moments:
            last = moment
    return slide_page(request, stage, context, last.shown)


async def _guarded(stage: Stage, context: Context) -> AsyncGenerator[Shown, None]:
    """The demo's frames; a failure after the first becomes a frame that says so."""
    started = False
    step, total = 0, 1
    frames = stage.demo.frames(context, stage.parameters)
    limit = context.settings.stream_seconds
    try:
        async with asyncio.timeout(limit), aclosing(frames) as source:
            async for shown in source:
                started = True
                step, total = shown.step, shown.total
                yield shown
    except PlayFailedError as error:
        yield _failure(str(error), step, total)
    except TimeoutError:
        yield _failure(f"This Play was ended after {limit} seconds.", step, total)
    except EngineFullError as error:
        if not started:
            raise
        yield _failure(str(error), step, total)
    except Exception:
        log.exception("demo %s failed", stage.demo.name)
        yield _failure("This Play could not be finished. Please try another seed.", step, total)


def _failure(text: str, step: int, total: int) -> Shown:
    panels, total = (Message(text, "bad"),), max(total, 1)
    return Shown(panels, text, max(step, 1), total, done=True, failed=True)


def _renderer(stage: Stage) -> Render:
    template = templates.get_template("demos/frame.html")

    def event(shown: Shown) -> bytes:
        return format_sse_event(data_str=template.render(frame=shown, stage=stage))

    return event


async def _events(first: Moment, moments: AsyncGenerator[Moment, None]) -> AsyncIterator[bytes]:
    async with aclosing(moments):
        yield first.event
        async for moment in moments:
            yield moment.event
