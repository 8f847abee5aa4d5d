"""A client that hangs up is noticed, and nothing goes on for it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request

from app.client import until_gone
from app.factory import create_app
from app.health.metrics import totals
from app.settings import Settings
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class Caller:
    """The server's side of one request, that may hang up."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.sent: list[dict[str, Any]] = []
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def scope(self, path: str, query: str = "", accept: str = "text/html") -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"test"), (b"accept", accept.encode())],
            "server": ("test", 80),
            "client": ("test", 1),
        }


def request(caller: Caller) -> Request:
    return Request(caller.scope("/"), caller.receive)


async def test_who_stays_gets_the_result() -> None:
    async def work() -> int:
        await asyncio.sleep(0.01)
        return 7

    assert await until_gone(request(Caller()), work()) == 7


async def test_what_fails_fails_for_who_stays() -> None:
    async def work() -> None:
        raise OSError("torn")

    with pytest.raises(OSError, match="torn"):
        await until_gone(request(Caller()), work())


async def test_the_work_of_who_goes_is_cancelled() -> None:
    caller, ended = Caller(), False

    async def work() -> None:
        nonlocal ended
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    waiting = asyncio.create_task(until_gone(request(caller), work()))
    await asyncio.sleep(0.01)
    caller.gone.set()
    with pytest.raises(HTTPException) as gone:
        await asyncio.wait_for(waiting, 5)
    assert gone.value.status_code == 499
    assert ended


@asynccontextmanager
async def _running(app: FastAPI) -> Any:
    async with app.router.lifespan_context(app):
        yield app.state.context.engine


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream"])
async def test_a_play_ends_before_its_next_step_when_its_only_client_goes(accept: str) -> None:
    app, caller = create_app(Settings(warm_up=False)), Caller()
    scope = caller.scope("/slides/4/play", "demo=denoise&num_steps=100&seed=3", accept)
    async with _running(app) as engine:
        answering = asyncio.create_task(app(scope, caller.receive, caller.send))
        await until(lambda: bool(engine.last_step), seconds=60)
        caller.gone.set()
        await asyncio.wait_for(answering, 10)
        await until(lambda: bool(engine.load == (0, 0)))
        assert totals(app.state.context.metrics.outcomes["finished"])["diffusion"] == 0
        assert totals(app.state.context.metrics.outcomes["cancelled"])["diffusion"] == 1
