"""The deck on paper and in an editor: all of it to print, short addresses, the file's schema."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from app.client import until_gone
from app.context import Context, get_context
from app.deck.schema import schema
from app.deck.stage import SLIDES
from app.deck.templates import templates
from app.demos.families.timeline import cover_tree
from app.demos.kit import Tree
from app.plays import Plays, Reader, get_plays
from app.plays.handout import Stills, join_handout
from app.presenter import presents
from app.routes.pages import figures

router = APIRouter(include_in_schema=False)
App = Annotated[Context, Depends(get_context)]


async def read_stills(
    request: Request, context: App, plays: Annotated[Plays, Depends(get_plays)]
) -> AsyncIterator[Reader[Stills]]:
    """Dependency: a reader of the stills, until the response has been sent."""
    reader = join_handout(plays, context, presents(request, context.presenter_key))
    try:
        yield reader
    finally:
        reader.leave()


@router.get("/print")
async def handout(
    request: Request,
    context: App,
    reader: Annotated[Reader[Stills], Depends(read_stills)],
    notes: bool = False,
) -> Response:
    """The whole deck for paper or PDF, each slide with the still of its first Play, drawn now."""
    stills = await until_gone(request, reader.result())
    return await asyncio.to_thread(_page, request, context, stills or (), notes)


def _page(request: Request, context: Context, stills: Stills, notes: bool) -> Response:
    values: dict[str, Any] = {
        "sheets": list(zip(context.deck.outline, stills, strict=True)),
        "frames": [still.stage.render(still.frame) for still in stills],
        "tree": _grown(stills) or cover_tree(context),
        "address": _address(request, context),
        "notes": notes,
        "paper": True,
        **figures(context),
    }
    headers = {"Cache-Control": "no-store"}  # it shows what was drawn at this moment
    return templates.TemplateResponse(request, "print.html", values, headers=headers)


def _grown(stills: Stills) -> Tree | None:
    """The family tree of a slide, with what its models drew."""
    scenes = (still.frame.scene for still in stills)
    return next((s.root for s in scenes if s and isinstance(s.root, Tree)), None)


def _address(request: Request, context: Context) -> str:
    """Where the deck is, as one writes it on paper: without a scheme."""
    origin = context.settings.public_origin or str(request.base_url.replace(path=""))
    return origin.partition("://")[2] + str(request.scope.get("root_path", "")).rstrip("/")


async def short(request: Request) -> Response:
    """A slide's short address leads to it, with what it asks for."""
    path, query = request.scope["path"], request.url.query
    address = f"{request.scope['root_path']}/slides/{path.rpartition('/')[2]}"
    return RedirectResponse(f"{address}?{query}" if query else address)


for number in SLIDES:
    router.add_api_route(f"/{number}", short)


@router.get("/deck.schema.json")
async def deck_schema(context: App) -> Response:
    """The JSON schema of a deck's file."""
    return JSONResponse(schema(context.demos), media_type="application/schema+json")
