"""The deck's pages: cover, slides, presenter view, about."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from app.context import Context, get_context
from app.deck.comparison import COLUMNS, comparison, contradictions, measured, savings
from app.deck.gallery import faces
from app.deck.images import png
from app.deck.outline import STRIP
from app.deck.stage import Stage, read_stage
from app.deck.templates import templates
from app.deck.tradeoff import tradeoff
from app.demos.demo import Frame
from app.demos.families.timeline import cover_tree
from app.engine import EngineFullError
from app.partial import VARY, wants_part
from app.presenter import admit
from app.routes.api import Seed, Waits, require
from models.data.captions.vocabulary import WORDS

router = APIRouter(include_in_schema=False)
App = Annotated[Context, Depends(get_context)]
READING_SECONDS = 600
"""For which a browser may keep how a prompt is read."""


def _render(request: Request, page: str, partial: str, context: dict[str, Any]) -> Response:
    """The page, or only its changing part when the deck asks for that."""
    name = partial if wants_part(request) else page
    response = templates.TemplateResponse(request, name, {"strip": STRIP, **context})
    response.headers["Vary"] = VARY
    return response


def slide_page(
    request: Request, stage: Stage, context: Context, frame: Frame | None = None
) -> Response:
    """A slide, with a finished frame on its stage if one is given."""
    slide = context.deck.outline[stage.slide - 1]
    values: dict[str, Any] = {
        "slide": slide,
        "frame": frame,
        "show_notes": request.query_params.get("notes") == "1",
        **stage.template_context(context),
    }
    if slide.number == 5:
        values |= figures(context)
    return _render(request, "slide.html", "fragments/slide.html", values)


def figures(context: Context) -> dict[str, Any]:
    """What slide 5 says of measurements: for ``fragments/comparison.html``."""
    samples = context.card("diffusion").get("measured", {}).get("samples", {})
    rows = comparison(context)
    return {
        "rows": rows,
        "columns": COLUMNS,
        "floor": round(samples.get("frechet_floor", 0)),
        "sortable": measured(rows),
        "tradeoff": tradeoff(context),
        "contradictions": [*contradictions(rows), *filter(None, [savings(context)])],
    }


@router.get("/")
async def cover(request: Request, context: App) -> Response:
    """The cover."""
    return _render(
        request, "cover.html", "fragments/cover.html", {"slide": None, "tree": cover_tree(context)}
    )


@router.get("/cover/{name}.png")
async def cover_picture(name: str, seed: Seed, caller: Waits) -> Response:
    """A picture for the cover's tree; nothing, which is no error, where none is to be had."""
    try:
        procedure = require(caller.context, name, "sample")
        frame = await caller.run(procedure, caller.context.request(procedure, 1, seed))
    except (EngineFullError, HTTPException):
        return Response(status_code=204)
    picture = await asyncio.to_thread(png, frame.view.images[0])
    return Response(picture, media_type="image/png")


@router.get("/slides/{number}")
async def slide(
    request: Request, stage: Annotated[Stage, Depends(read_stage)], context: App
) -> Response:
    """One slide."""
    return slide_page(request, stage, context)


@router.get("/slides/{number}/stage")
async def stage_fragment(
    request: Request, stage: Annotated[Stage, Depends(read_stage)], context: App
) -> Response:
    """Only the stage of a slide, to change its demo in place."""
    slide = context.deck.outline[stage.slide - 1]
    values = {"slide": slide, "frame": None, **stage.template_context(context)}
    return _render(request, "demos/stage.html", "demos/stage.html", values)


@router.get("/slides/{number}/words")
async def words(
    request: Request, stage: Annotated[Stage, Depends(read_stage)], context: App
) -> Response:
    """The prompt as the Play's model would read it, without loading that: asked while one types."""
    read = await asyncio.to_thread(stage.demo.read, context, stage.parameters)
    values = {"words": read}
    headers = {"Cache-Control": f"max-age={READING_SECONDS}"}
    return templates.TemplateResponse(request, "demos/reading.html", values, headers=headers)


@router.get("/presenter")
async def presenter(request: Request, context: App, key: str | None = None) -> Response:
    """The speaker's window: this slide, the next, notes and a clock.

    With the server's key the browser's Plays go before all others from then on.
    """
    if key is not None:
        root = request.scope["root_path"]
        response = RedirectResponse(f"{root}/presenter", 303)  # so that no address shows the key
        admit(response, key, context.presenter_key, root)
        return response
    return _render(request, "presenter.html", "presenter.html", {"slide": None})


@router.get("/about")
async def about(request: Request, context: App) -> Response:
    """Credits, licences, the models' cards and the words of prompts, in alphabetical order."""
    cards = [(name, context.card(name)) for name in context.zoo.names()]
    values = {"slide": None, "cards": cards, "words": WORDS}
    return _render(request, "about.html", "about.html", values)


@router.get("/gallery/{index}.png")
async def gallery_face(index: int) -> Response:
    """A face of the gallery, for the controls that choose one."""
    try:
        picture = await asyncio.to_thread(lambda: png(faces([index])[0]))
    except ValueError as error:
        raise HTTPException(404, str(error)) from error
    return Response(picture, media_type="image/png", headers={"Cache-Control": "max-age=86400"})
