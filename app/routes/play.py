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

from app.broadcast import Broadcasts, Moment, get_broadcasts
from app.context import Context, get_context
from app.deck.stage import Stage, read_stage
from app.demos.demo import Shown
from app.demos.panels import Message
from app.engine import EngineFullError, PlayFailedError
from app.presenter import presents
from app.routes.pages import slide_page

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
    moments = broadcasts.watch(key, lambda: _guarded(stage, context))
    # The first frame is awaited here, so that a full engine is a 503 and not a broken stream.
    first = await anext(moments)
    if "text/event-stream" in request.headers.get("accept", ""):
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
        events = _events(first, moments)
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)
    frame = first.last
    async with aclosing(moments):
        async for moment in moments:
            frame = moment.last
    return await asyncio.to_thread(slide_page, request, stage, context, frame)


async def _guarded(stage: Stage, context: Context) -> AsyncGenerator[Moment, None]:
    """The demo's frames as they are sent; a failure after the first becomes one that says so."""
    started = False
    step, total = 0, 1
    frames = stage.demo.frames(context, stage.parameters)
    limit = context.settings.stream_seconds
    try:
        async with asyncio.timeout(limit), aclosing(frames) as source:
            async for shown in source:
                started = True
                step, total = shown.step, shown.total
                yield await asyncio.to_thread(_moment, stage, shown)
        return
    except PlayFailedError as error:
        problem = str(error)
    except TimeoutError:
        problem = f"This Play was ended after {limit} seconds."
    except EngineFullError as error:
        if not started:
            raise
        problem = str(error)
    except Exception:
        log.exception("demo %s failed", stage.demo.name)
        problem = "This Play could not be finished. Please try another seed."
    yield _moment(stage, _failure(problem, step, total))


def _failure(text: str, step: int, total: int) -> Shown:
    panels, total = (Message(text, "bad"),), max(total, 1)
    return Shown(panels, text, max(step, 1), total, done=True, failed=True)


def _moment(stage: Stage, shown: Shown) -> Moment:
    return Moment(format_sse_event(data_str=stage.render(shown)), shown if shown.done else None)


async def _events(first: Moment, moments: AsyncGenerator[Moment, None]) -> AsyncIterator[bytes]:
    async with aclosing(moments):
        yield first.event
        async for moment in moments:
            yield moment.event
