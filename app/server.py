"""The server: it lets slow connections hold little, and tells its streams when it ends."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from typing import cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from app.context import Context

UNSENT = 16 * 1024
"""Most bytes of a connection that the system keeps unsent. By default it keeps megabytes: a Play's
every frame for a phone on a slow link, which would get the last one when the rest has arrived."""


class Connection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Lets a response wait as soon as its client does not keep up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Limit what is kept unsent, here and, where it can be, by the system."""
        super().connection_made(transport)
        # Uvloop's transports have the methods and not the base class.
        cast("asyncio.Transport", transport).set_write_buffer_limits(UNSENT)
        option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
        if option is not None:
            with suppress(OSError):
                transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, option, UNSENT)


class Server(uvicorn.Server):
    """Serves the app on sockets that listen already.

    Args:
        app: made by :func:`app.factory.create_app`.
        words: what is printed as soon as it answers.
    """

    def __init__(self, app: FastAPI, words: str) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                log_level="warning",
                timeout_graceful_shutdown=2,
                proxy_headers=False,  # app.proxy reads them, under any server
                ws="none",
            )
        )
        self._context: Context = app.state.context
        self._words = words

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say where."""
        await super().startup(sockets)
        print(self._words, file=sys.stderr, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the Plays with a message; uvicorn tells an app only when their streams are cut."""
        self._context.drain()
        await super().shutdown(sockets)
