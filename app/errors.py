"""Errors in words: JSON for the API, a page of the deck for people."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from app.deck.templates import templates
from app.engine import EngineFullError
from app.inputs import InputGoneError
from app.partial import VARY, wants_part
from app.proxy import route_path
from app.sentences import say
from models.runtime.errors import RequestError

LONGEST = 500
"""Most characters of an error's words."""


def sentence(errors: Any) -> str:
    """What is wrong with the parameters, in one line a person understands."""
    parts = []
    for error in errors:
        name = str(error["loc"][-1]) if error.get("loc") else "request"
        parts.append(f"{name}: {error['msg'][:200].removeprefix('Value error, ')}")
    return "; ".join(parts[:5])


def wants_page(request: Request) -> bool:
    """Whether the error should be a page: not for the API, not for scripts."""
    is_api = route_path(request.scope).startswith(("/api/", "/healthz", "/readyz", "/metrics"))
    return not is_api and "text/html" in request.headers.get("accept", "")


def error_response(
    request: Request, status: int, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """The same error as page, fragment or JSON."""
    if len(detail) > LONGEST:  # it repeats what was sent
        detail = detail[:LONGEST] + " …"
    if not wants_page(request):
        return JSONResponse({"detail": detail}, status, headers)
    name = "fragments/error.html" if wants_part(request) else "error.html"
    retry = (headers or {}).get("Retry-After")
    context = {"status": status, "detail": detail, "retry": retry, "slide": None}
    return templates.TemplateResponse(
        request, name, context, status, {"Vary": VARY, **(headers or {})}
    )


def install_error_handlers(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return error_response(request, 422, sentence(error.errors()))

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        detail = error.detail if error.detail != "Not Found" else "There is no such page."
        return error_response(request, error.status_code, detail, headers)

    @app.exception_handler(RequestError)
    async def refused(request: Request, error: RequestError) -> Response:
        return error_response(request, 422, say(error))

    @app.exception_handler(InputGoneError)
    async def gone(request: Request, error: InputGoneError) -> Response:
        return error_response(request, 404, str(error))

    @app.exception_handler(EngineFullError)
    async def full(request: Request, error: EngineFullError) -> Response:
        return error_response(request, 503, str(error), {"Retry-After": str(error.retry_after)})
