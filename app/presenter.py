"""Who presents: a browser that was opened with the key that the server printed at its start.

Its Plays go before all others, so that three hundred laptops do not hold up the lecture. It may
also operate the server, as may whoever sits at the server's own machine.
"""

from __future__ import annotations

from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response

from app.context import Context, get_context
from app.proxy import from_this_machine

COOKIE = "presenter"
SECONDS = 24 * 60 * 60


def admit(response: Response, given: str, key: str, root: str) -> None:
    """Remember in a cookie that this browser presents.

    Args:
        root: path under which the deck is shown; the cookie is for nothing else of that host.

    Raises:
        HTTPException: 403, the key is another one.
    """
    if not compare_digest(given.encode(), key.encode()):
        raise HTTPException(403, "This is not the key that the server printed when it started.")
    response.set_cookie(
        COOKIE, key, max_age=SECONDS, path=root or "/", httponly=True, samesite="strict"
    )


def presents(request: Request, key: str) -> bool:
    """Whether the request comes from the presenter's browser."""
    return compare_digest(request.cookies.get(COOKIE, "").encode(), key.encode())


def may_operate(request: Request, context: Context) -> bool:
    """Whether the request comes from the presenter's browser or from the server's own machine."""
    return from_this_machine(request.scope) or presents(request, context.presenter_key)


async def only_operators(
    request: Request, context: Annotated[Context, Depends(get_context)]
) -> None:
    """Dependency: let nobody else through.

    Raises:
        HTTPException: 403.
    """
    if not may_operate(request, context):
        raise HTTPException(
            403,
            "This is for the presenter: open the deck by the link with a key that the server "
            "printed when it started, or on the server's own machine.",
        )
