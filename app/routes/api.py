"""JSON API for notebooks and scripts: list models, sample, encode, decode."""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated, Any

import torch
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from app.context import Context, get_context
from app.deck.gallery import faces
from app.deck.images import decode_image, png
from app.engine import Frame, PlayFailedError
from models.runtime.checkpoint import CheckpointError
from models.runtime.sampler import Request
from models.runtime.zoo import ENTRIES


class Problem(BaseModel):
    """Why a request was not answered, in words."""

    detail: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is not text"},
    403: {"model": Problem, "description": "Sent from another site's page"},
    404: {"model": Problem, "description": "There is no such model"},
    413: {"model": Problem, "description": "The body is too large"},
    422: {"model": Problem, "description": "A parameter is missing, wrong or out of range"},
    500: {"model": Problem, "description": "The model failed"},
    503: {"model": Problem, "description": "Full, or the model cannot be used; see Retry-After"},
}

router = APIRouter(prefix="/api/v1", tags=["models"], responses=REFUSALS)

App = Annotated[Context, Depends(get_context)]
MAX_IMAGES = 256
Seed = Annotated[int, Field(ge=0, lt=2**31)]


class SampleBody(BaseModel):
    """Parameters of a draw; a family ignores what it has no use for."""

    model_config = ConfigDict(extra="forbid")

    n: int = Field(1, ge=1, le=MAX_IMAGES, description="number of images")
    seed: Seed = 0
    prompt: str = Field("", max_length=400, description="caption to draw")
    num_steps: int | None = Field(None, ge=1, le=250, description="network calls")
    guidance_scale: float | None = Field(None, ge=0, le=20)
    temperature: float | None = Field(None, ge=0, le=2)
    truncation: float | None = Field(None, ge=0, le=1)


class EncodeBody(BaseModel):
    """Images to encode: base64 files, or faces of the shipped gallery by index."""

    model_config = ConfigDict(extra="forbid")

    images: list[str] = Field(default_factory=list, max_length=16)
    gallery: list[int] = Field(default_factory=list, max_length=16)
    seed: Seed = 0


class DecodeBody(BaseModel):
    """Latents as nested lists, as ``encode`` returns them."""

    model_config = ConfigDict(extra="forbid")

    latents: list[Any] = Field(min_length=1, max_length=16)


@router.get("/models")
async def list_models(context: App) -> dict[str, Any]:
    """Every model with its card."""
    return {"models": [_describe(context, name) for name in context.zoo.names()]}


def _describe(context: Context, name: str) -> dict[str, Any]:
    card = context.card(name)
    return {
        "name": name,
        "family": ENTRIES[name].family,
        "procedures": list(ENTRIES[name].procedures),
        "parameters": card.get("parameters"),
        "sha256": card.get("sha256"),
        "problem": context.problems.get(name),
        "card": card,
    }


def _require(context: Context, name: str, action: str) -> str:
    if name not in ENTRIES:
        known = ", ".join(ENTRIES)
        raise HTTPException(404, f"There is no model {name!r}; there are {known}.")
    if action not in ENTRIES[name].procedures:
        raise HTTPException(422, f"The model {name!r} cannot {action}.")
    try:
        context.zoo.card(name)
    except CheckpointError as error:
        raise HTTPException(503, str(error), {"Retry-After": "60"}) from error
    if name in context.problems:
        raise HTTPException(503, context.problems[name], {"Retry-After": "60"})
    return f"{name}.{action}"


async def _run(context: Context, procedure: str, request: Request) -> Frame:
    play = context.submit(procedure, request, frames=False)
    try:
        return await play.result()
    except PlayFailedError as error:
        raise HTTPException(422 if error.refused else 500, str(error)) from error


def _encode_png(images: Tensor) -> list[str]:
    return [base64.b64encode(png(image)).decode() for image in images]


@router.post("/models/{name}/sample")
async def sample(name: str, body: SampleBody, context: App) -> dict[str, Any]:
    """Draw ``n`` images; equal parameters and seed give equal images."""
    procedure = _require(context, name, "sample")
    frame = await _run(context, procedure, Request(**body.model_dump()))
    images = await asyncio.to_thread(_encode_png, frame.view.images)
    return {
        "model": name,
        "images": images,
        "seed": body.seed,
        "seconds": round(frame.seconds, 4),
        "num_steps": frame.total,
    }


@router.post("/models/{name}/encode")
async def encode(name: str, body: EncodeBody, context: App) -> dict[str, Any]:
    """Latents of images; for the flow also ``log_prob`` (nats) and ``bits_per_dim``."""
    procedure = _require(context, name, "encode")
    try:
        parts = [decode_image(text, 64)[None] for text in body.images]
        parts += [faces(body.gallery)] if body.gallery else []
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    if not parts:
        raise HTTPException(422, "Send images, or gallery indices, to encode.")
    images = torch.cat(parts)
    request = Request(n=len(images), seed=body.seed, images=images)
    frame = await _run(context, procedure, request)
    wanted = ("mu", "logvar", "z", "log_prob", "bits_per_dim")
    found = {k: v.tolist() for k, v in frame.view.extras.items() if k in wanted}
    return {"model": name, "latents": found.get("z"), "seconds": round(frame.seconds, 4), **found}


@router.post("/models/{name}/decode")
async def decode(name: str, body: DecodeBody, context: App) -> dict[str, Any]:
    """Images of latents."""
    procedure = _require(context, name, "decode")
    try:
        latents = torch.tensor(body.latents, dtype=torch.float32)
    except (ValueError, TypeError) as error:
        raise HTTPException(422, "Latents must be equally long lists of numbers.") from error
    if not latents.isfinite().all():
        raise HTTPException(422, "Latents must be finite numbers.")
    frame = await _run(context, procedure, Request(n=len(latents), images=latents))
    images = await asyncio.to_thread(_encode_png, frame.view.images)
    return {"model": name, "images": images, "seconds": round(frame.seconds, 4)}
