"""JSON API for notebooks and scripts: list models, sample, encode, decode."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import Annotated, Any

import torch
from fastapi import APIRouter, Depends, HTTPException
from fastapi import Request as WebRequest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from torch import Tensor

from app.client import until_gone
from app.context import Context, get_context
from app.deck.gallery import faces
from app.deck.images import decode_image, png
from app.engine import PlayFailedError, Progress
from app.plays import Plays, get_plays
from app.plays.answer import answer
from models.runtime.checkpoint import CheckpointError
from models.runtime.sampler import Request


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
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Numbers = list[Any]
"""Nested lists of numbers."""


class ProcedureInfo(BaseModel):
    """What a model can do: the most images of one request, and its parameters as JSON Schema."""

    max_n: int
    parameters: dict[str, Any]
    defaults: dict[str, Any]


class ModelInfo(BaseModel):
    """A model, what it can do, and its card; ``parameters`` counts its weights."""

    name: str
    family: str
    dataset: str
    procedures: dict[str, ProcedureInfo]
    parameters: int | None
    sha256: str | None
    problem: str | None
    card: dict[str, Any]


class Models(BaseModel):
    """All models."""

    models: list[ModelInfo]


class SampleBody(BaseModel):
    """Count, seed and the model's own parameters, which ``GET /models`` lists with their bounds."""

    model_config = ConfigDict(extra="allow")

    n: int = Field(1, ge=1, description="number of images, up to the procedure's max_n")
    seed: Seed = 0


class Drawn(BaseModel):
    """Images as base64 PNG files."""

    model: str
    images: list[str]
    seconds: float


class Sampled(Drawn):
    """What was drawn, from which seed, in how many steps."""

    seed: int
    num_steps: int


class EncodeBody(BaseModel):
    """Images to encode: base64 files, or faces of the shipped gallery by index."""

    model_config = ConfigDict(extra="forbid")

    images: list[str] = Field(default_factory=list, max_length=16)
    gallery: list[Annotated[int, Field(ge=0, le=255)]] = Field(default_factory=list, max_length=16)
    seed: Seed = 0


class Encoded(BaseModel):
    """Latents, and what the family knows of them: moments (VAE) or likelihoods (flow)."""

    model: str
    seconds: float
    latents: Numbers
    z: Numbers
    mu: Numbers | None = None
    logvar: Numbers | None = None
    log_prob: list[float] | None = None
    bits_per_dim: list[float] | None = None


class DecodeBody(BaseModel):
    """Latents as nested lists, as ``encode`` returns them."""

    model_config = ConfigDict(extra="forbid")

    latents: list[Any] = Field(min_length=1, max_length=16)


@router.get("/models")
async def list_models(context: App) -> Models:
    """Every model with its card."""
    return Models(models=[_describe(context, name) for name in context.zoo.names()])


def _describe(context: Context, name: str) -> ModelInfo:
    card, zoo = context.card(name), context.zoo
    procedures = {
        action: ProcedureInfo(
            max_n=kind.max_n,
            parameters=TypeAdapter(kind.parameters).json_schema(),
            defaults=zoo.defaults(f"{name}.{action}"),
        )
        for action, kind in zoo.architecture(name).procedures.items()
    }
    return ModelInfo(
        name=name,
        family=card.get("family", ""),
        dataset=card.get("dataset", ""),
        procedures=procedures,
        parameters=card.get("parameters"),
        sha256=card.get("sha256"),
        problem=context.problems.get(name),
        card=card,
    )


def require(context: Context, name: str, action: str) -> str:
    """The procedure of that name, which can be asked for; else its refusal is raised."""
    known = context.zoo.names()
    if name not in known:
        raise HTTPException(404, f"There is no model {name!r}; there are {', '.join(known)}.")
    try:
        procedures = context.zoo.architecture(name).procedures
    except CheckpointError as error:
        raise HTTPException(503, str(error), {"Retry-After": "60"}) from error
    if action not in procedures:
        raise HTTPException(422, f"The model {name!r} cannot {action}.")
    if name in context.problems:
        raise HTTPException(503, context.problems[name], {"Retry-After": "60"})
    return f"{name}.{action}"


@dataclass(frozen=True)
class Caller:
    """What a request needs of the app while its client waits.

    Attributes:
        context: with the priority of this client.
    """

    client: WebRequest
    context: Context
    plays: Plays

    async def run(self, procedure: str, request: Request[Any]) -> Progress:
        """The end of a procedure; a client that hangs up stops it before the next step."""
        try:
            result = answer(self.plays, self.context, procedure, request)
            return await until_gone(self.client, result)
        except PlayFailedError as error:
            if self.context.draining:
                raise HTTPException(503, str(error), {"Retry-After": "5"}) from error
            raise HTTPException(422 if error.refused else 500, str(error)) from error


async def get_caller(
    client: WebRequest, context: App, plays: Annotated[Plays, Depends(get_plays)]
) -> Caller:
    """Dependency: who waits for the answer."""
    return Caller(client, context, plays)


Waits = Annotated[Caller, Depends(get_caller)]


def _encode_png(images: Tensor) -> list[str]:
    return [base64.b64encode(png(image)).decode() for image in images]


@router.post("/models/{name}/sample")
async def sample(name: str, body: SampleBody, caller: Waits) -> Sampled:
    """Draw ``n`` images; equal parameters and seed give equal images."""
    procedure = require(caller.context, name, "sample")
    request = caller.context.request(procedure, body.n, body.seed, **(body.model_extra or {}))
    frame = await caller.run(procedure, request)
    images = await asyncio.to_thread(_encode_png, frame.view.images)
    seconds = round(frame.seconds, 4)
    return Sampled(
        model=name, images=images, seconds=seconds, seed=body.seed, num_steps=frame.total
    )


def _read_images(body: EncodeBody) -> Tensor:
    parts = [decode_image(text, 64)[None] for text in body.images]
    parts += [faces(body.gallery)] if body.gallery else []
    if not parts:
        raise ValueError("Send images, or gallery indices, to encode.")
    return torch.cat(parts)


@router.post("/models/{name}/encode")
async def encode(name: str, body: EncodeBody, caller: Waits) -> Encoded:
    """Latents of images; for the flow also ``log_prob`` (nats) and ``bits_per_dim``."""
    procedure = require(caller.context, name, "encode")
    try:
        images = await asyncio.to_thread(_read_images, body)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    request = caller.context.request(procedure, seed=body.seed, images=images)
    frame = await caller.run(procedure, request)
    return await asyncio.to_thread(_encoded, name, frame)


def _encoded(name: str, frame: Progress) -> Encoded:
    wanted = ("mu", "logvar", "z", "log_prob", "bits_per_dim")
    found = {k: v.tolist() for k, v in frame.view.extras.items() if k in wanted}
    return Encoded(model=name, seconds=round(frame.seconds, 4), latents=found["z"], **found)


def _read_latents(latents: Numbers) -> Tensor:
    try:
        tensor = torch.tensor(latents, dtype=torch.float32)
    except (ValueError, TypeError, OverflowError, RuntimeError) as error:
        raise ValueError("Latents must be equally long lists of numbers.") from error
    if not tensor.isfinite().all():
        raise ValueError("Latents must be finite numbers.")
    return tensor


@router.post("/models/{name}/decode")
async def decode(name: str, body: DecodeBody, caller: Waits) -> Drawn:
    """Images of latents."""
    procedure = require(caller.context, name, "decode")
    try:
        latents = await asyncio.to_thread(_read_latents, body.latents)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    frame = await caller.run(procedure, caller.context.request(procedure, latents=latents))
    images = await asyncio.to_thread(_encode_png, frame.view.images)
    return Drawn(model=name, images=images, seconds=round(frame.seconds, 4))
