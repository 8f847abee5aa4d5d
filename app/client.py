"""The client of a request: it may hang up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import HTTPException, Request

T = TypeVar("T")
CLOSED = 499
"""Status of a request whose client has gone, as nginx has it; nobody receives it."""


async def until_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do the work for the client of a request, whose body has been read; cancelled if it hangs up.

    Raises:
        HTTPException: 499, the client has gone.
    """
    doing, going = asyncio.create_task(work), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((doing, going), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise HTTPException(CLOSED, "The client has hung up.")
        return doing.result()
    finally:
        for task in (doing, going):
            task.cancel()
        await asyncio.gather(doing, going, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
