"""Who presents: a browser that was opened with the key that the server printed at its start.

Its Plays go before all others, so that three hundred laptops do not hold up the lecture.
"""

from __future__ import annotations

from secrets import compare_digest

from fastapi import HTTPException, Request, Response

COOKIE = "presenter"
SECONDS = 24 * 60 * 60


def admit(response: Response, given: str, key: str) -> None:
    """Remember in a cookie that this browser presents.

    Raises:
        HTTPException: 403, the key is another one.
    """
    if not compare_digest(given.encode(), key.encode()):
        raise HTTPException(403, "This is not the key that the server printed when it started.")
    response.set_cookie(COOKIE, key, max_age=SECONDS, httponly=True, samesite="strict")


def presents(request: Request, key: str) -> bool:
    """Whether the request comes from the presenter's browser."""
    return compare_digest(request.cookies.get(COOKIE, "").encode(), key.encode())
