"""A slow link gets the newest frames soon, and a server that ends says so."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse

from app.engine import Observer
from app.factory import create_app
from app.machine.listening import listen
from app.plays import Play, Plays
from app.server import Server
from app.settings import Settings
from tests.support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

BYTES_A_SECOND = 200_000
FRAMES = 50
FRAME = "x" * 40_000


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[tuple[Server, int]]:
    """The server of an app, and its port."""
    listening = listen("127.0.0.1", 0)
    port = int(listening.getsockname()[1])
    server = Server(app, "It listens.")
    task = asyncio.create_task(server._serve([listening]))
    await until(lambda: server.started)
    try:
        yield server, port
    finally:
        server.should_exit = True
        await task


async def ask(port: int, path: str, accept: str = "text/event-stream") -> socket.socket:
    """A connection on which a path was asked for, that takes in little at a time."""
    loop = asyncio.get_running_loop()
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
    connection.setblocking(False)
    await loop.sock_connect(connection, ("127.0.0.1", port))
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    )
    await loop.sock_sendall(connection, head.encode())
    return connection


async def read_all(connection: socket.socket, bytes_a_second: float = 0) -> bytes:
    """Everything until the end, no faster than that."""
    loop, got = asyncio.get_running_loop(), b""
    while part := await loop.sock_recv(connection, 4096):
        got += part
        if bytes_a_second:
            await asyncio.sleep(len(part) / bytes_a_second)
    connection.close()
    return got


async def test_a_slow_link_gets_the_newest_frames_and_the_last_one_soon() -> None:
    app = FastAPI()
    app.state.context = create_app(Settings(warm_up=False)).state.context
    plays = Plays(10, Observer())

    async def work(play: Play[str]) -> None:
        for number in range(FRAMES):
            play.publish(f"frame {number} {FRAME}", number, "end" if number + 1 == FRAMES else None)
            await asyncio.sleep(0.02)

    @app.get("/")
    async def stream() -> EventSourceResponse:
        return EventSourceResponse(plays.join("key", work, "a").events())

    async with serving(app) as (_, port):
        began = time.monotonic()
        got = await read_all(await ask(port, "/"), BYTES_A_SECOND)
        seconds = time.monotonic() - began
    assert f"frame {FRAMES - 1} ".encode() in got
    assert len(got) < FRAMES * len(FRAME) / 2
    assert seconds < FRAMES * len(FRAME) / BYTES_A_SECOND / 2


async def test_a_server_that_ends_ends_its_streams_with_an_event_that_says_so() -> None:
    app = create_app(Settings(warm_up=False))
    async with serving(app) as (server, port):
        path = "/slides/4/play?demo=denoise&num_steps=100&seed=3"
        connection = await ask(port, path)
        await until(lambda: bool(app.state.context.engine.last_step), seconds=60)
        server.should_exit = True
        got = await asyncio.wait_for(read_all(connection), 20)
    assert b"The server is shutting down." in got
    assert b"data-done" in got
    assert got.endswith(b"0\r\n\r\n")  # a whole answer, not a cut one
