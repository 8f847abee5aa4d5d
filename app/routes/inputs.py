"""Inputs: send one, get its reference; look at one."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.context import Context, get_context
from app.deck.images import png
from app.inputs import KINDS, InputGoneError
from app.inputs.kinds import preview

router = APIRouter(prefix="/inputs", tags=["inputs"], include_in_schema=False)
App = Annotated[Context, Depends(get_context)]
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class Kept(BaseModel):
    """What names the input in an address."""

    reference: str


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise HTTPException(404, f"There are no inputs called {kind!r}.")
    return kind


@router.post("/{kind}")
async def put(kind: Annotated[str, Depends(_kind)], request: Request, context: App) -> Kept:
    """Take in a file or raw bytes; the answer's reference goes into a Play's address."""
    sent = await request.body()
    try:
        return Kept(reference=await asyncio.to_thread(context.inputs.put, kind, sent))
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


@router.get("/{kind}/{reference}.png")
async def show(kind: Annotated[str, Depends(_kind)], reference: str, context: App) -> Response:
    """What it looks like."""
    try:
        kept = context.inputs.bytes_of(kind, reference)
    except InputGoneError as error:
        raise HTTPException(404, str(error)) from error
    file = await asyncio.to_thread(lambda: png(preview(KINDS[kind], kept)))
    return Response(file, media_type="image/png", headers=FOR_EVER)
