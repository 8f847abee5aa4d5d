"""Browsers without a screen: they load a slide, press Play and count its frames.

Plain asyncio streams, so that many of them take little of the CPU that the server needs.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.engine import EngineFullError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOOPBACK = ("127.0.0.1", "localhost")
FILES = (
    "/static/css/tokens.css",
    "/static/css/layout.css",
    "/static/css/stage.css",
    "/static/js/stage/player.js",
    "/static/vendor/htmx/htmx.min.js",
)
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
STREAM = "text/html, text/event-stream"
BUFFER = 2**18
FULL = str(EngineFullError(retry_after=0)).encode()


@dataclass(frozen=True)
class Target:
    """A server on this machine.

    Attributes:
        cookie: that a browser sends along, as ``name=value``; none if empty.
    """

    host: str
    port: int
    cookie: str = ""

    @classmethod
    def of(cls, address: str) -> Target:
        """From ``http://HOST:PORT``.

        Raises:
            ValueError: not such an address, or one of another machine.
        """
        parts = urlsplit(address)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise ValueError(f"{address} is not http on this machine ({', '.join(LOOPBACK)})")
        return cls(parts.hostname, parts.port or 80)


class Events:
    """Cuts a stream of bytes into server-sent events, at the blank lines between them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        return whole


@dataclass
class Seen:
    """What one press of Play has shown.

    Attributes:
        began: when it was pressed, by ``time.perf_counter``.
        answered: seconds to the first event of any kind, which may be a place in the queue.
        first: seconds to the first picture.
        last: seconds to the end of the Play; ``None`` where it was left before.
        frames: events with a picture.
        shed: answers 503 that were obeyed.
        error: what went wrong, empty if nothing did.
    """

    began: float = field(default_factory=time.perf_counter)
    answered: float | None = None
    first: float | None = None
    last: float | None = None
    frames: int = 0
    shed: int = 0
    error: str = ""

    @property
    def frames_per_second(self) -> float | None:
        """Of those after the first, while they came; ``None`` if there was only one."""
        if self.first is None or self.last is None or self.frames < 2:
            return None
        return (self.frames - 1) / (self.last - self.first)

    def note(self, event: bytes) -> None:
        """Count an event."""
        elapsed = time.perf_counter() - self.began
        if self.answered is None:
            self.answered = elapsed
        if b"<img" in event:
            self.frames += 1
            if self.first is None:
                self.first = elapsed


class Answer:
    """An HTTP/1.1 answer whose body is read piece by piece."""

    def __init__(self, reader: asyncio.StreamReader, head: bytes) -> None:
        self._reader = reader
        status, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status.split()[1])
        pairs = (line.split(":", 1) for line in lines if line)
        self.headers = {name.lower(): value.strip() for name, value in pairs}
        self._chunked = self.headers.get("transfer-encoding") == "chunked"
        self._left = int(self.headers.get("content-length", 0))

    async def piece(self) -> bytes:
        """The next bytes of the body, none at its end.

        Raises:
            EOFError: the connection ended before the body.
        """
        if not self._chunked:
            size, self._left = self._left, 0
            return await self._reader.readexactly(size)
        size = int(await self._reader.readuntil(b"\r\n"), 16)
        return (await self._reader.readexactly(size + 2))[:-2]

    async def skip(self) -> None:
        """Read the rest of the body and forget it."""
        while await self.piece():
            pass


class Connection:
    """A connection that is kept for several requests."""

    def __init__(
        self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._target, self._reader, self._writer = target, reader, writer

    async def ask(self, path: str, accept: str, encoding: str = "gzip") -> None:
        """Send a request."""
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {self._target.host}:{self._target.port}",
            f"Accept: {accept}",
            f"Accept-Encoding: {encoding}",
            *([f"Cookie: {self._target.cookie}"] if self._target.cookie else []),
        )
        self._writer.write("\r\n".join((*lines, "", "")).encode())
        await self._writer.drain()

    async def answer(self) -> Answer:
        """Wait for the head of the answer."""
        return Answer(self._reader, await self._reader.readuntil(b"\r\n\r\n"))


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Connection]:
    """A connection, closed in the end even if an answer is on its way.

    Raises:
        OSError: there is no server.
    """
    reader, writer = await asyncio.open_connection(target.host, target.port, limit=BUFFER)
    try:
        yield Connection(target, reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def get(target: Target, path: str) -> bytes:
    """The body of a small answer, as sent.

    Raises:
        OSError, EOFError: there is no server, or it hung up.
        LookupError: its status is not 200.
    """
    async with connected(target) as connection:
        await connection.ask(path, "*/*", encoding="identity")
        answer = await connection.answer()
        if answer.status != 200:
            raise LookupError(f"{path}: status {answer.status}")
        body = bytearray()
        while piece := await answer.piece():
            body += piece
        return bytes(body)


async def load_page(target: Target, slide: int, seconds: float = 60) -> str:
    """Load a slide and some of its files on one connection; what went wrong, if anything."""
    try:
        async with asyncio.timeout(seconds), connected(target) as connection:
            for path in (f"/slides/{slide}", *FILES):
                await connection.ask(path, PAGE)
                answer = await connection.answer()
                await answer.skip()
                if answer.status != 200:
                    return f"{path}: status {answer.status}"
    except (OSError, EOFError) as error:
        return f"slide {slide}: {error!r}"
    return ""


async def press(
    target: Target, play: str, patience: int | None = None, seconds: float = 300
) -> Seen:
    """Press Play and look at its frames.

    A 503 is obeyed: the browser waits as long as it says and a random part more.

    Args:
        play: path and query of the Play.
        patience: pictures after which the browser leaves, 0 for at once without reading
            anything; by default it stays to the end.
        seconds: most it takes, all waiting included.
    """
    seen = Seen()
    try:
        async with asyncio.timeout(seconds):
            while (wait := await _attempt(target, play, patience, seen)) is not None:
                seen.shed += 1
                await asyncio.sleep(wait * random.uniform(1.0, 1.5))
    except TimeoutError:
        seen.error = f"not at its end after {seconds:g} s"
    except (OSError, EOFError) as error:
        seen.error = repr(error)
    return seen


async def _attempt(target: Target, play: str, patience: int | None, seen: Seen) -> float | None:
    """One request; seconds to wait if it was shed."""
    async with connected(target) as connection:
        await connection.ask(play, STREAM)
        if patience == 0:
            return None
        answer = await connection.answer()
        if answer.status == 503:
            return float(answer.headers.get("retry-after", "1"))
        if answer.status == 200:
            await _watch(answer, patience, seen)
        else:
            seen.error = f"{play}: status {answer.status}"
        return None


async def _watch(answer: Answer, patience: int | None, seen: Seen) -> None:
    events, last = Events(), b""
    while piece := await answer.piece():
        for event in events.feed(piece):
            seen.note(event)
            last = event
        if patience is not None and seen.frames >= patience:
            return
    if FULL in last:
        seen.shed += 1  # a Play of several procedures may be shed after its first frames
    elif b"message-bad" in last:
        seen.error = "the Play failed"
    elif b"data-done" not in last:
        seen.error = "the stream broke off"
    else:
        seen.last = time.perf_counter() - seen.began
