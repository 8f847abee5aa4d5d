"""The API's interactive documentation, from vendored files: it works without internet."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.deck.templates import templates

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Swagger UI over ``/openapi.json``."""
    response = templates.TemplateResponse(request, "docs.html", {})
    # Swagger UI sets style attributes; the relaxation is for this page alone.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response
