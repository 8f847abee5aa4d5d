"""One address, two answers: a whole page, or only the part of it that htmx is about to swap."""

from __future__ import annotations

from starlette.requests import Request

VARY = "HX-Request-Type, Accept"
"""Value of the Vary header of an answer that depends on this."""


def wants_part(request: Request) -> bool:
    """Whether only the part is asked for: by htmx, or by the deck's own script."""
    return request.headers.get("hx-request-type") == "partial"
