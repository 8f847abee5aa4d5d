"""Browsers without a screen, against a server of scripted answers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.browsing import FILES, FULL, Events, Seen, Target, get, load_page, press

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
QUEUED = b"data: <p>two plays are before yours</p>\n\n"
PICTURE = b"data: <li><img>\ndata: </li>\n\n"
LAST = b"data: <li data-done><img></li>\n\n"
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}"


def stream(*pieces: bytes) -> bytes:
    """A chunked answer."""
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks


def whole(*pieces: bytes) -> bytes:
    """A chunked answer with its end."""
    return stream(*pieces, b"")


@asynccontextmanager
async def scripted(answers: Sequence[bytes], hangs: bool = False) -> AsyncIterator[Target]:
    """A server that gives one answer a connection and then hangs up, or says no more."""
    left = iter(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(next(left))
        await writer.drain()
        if hangs:
            await reader.read()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Target("127.0.0.1", server.sockets[0].getsockname()[1])


async def see(*answers: bytes, patience: int | None = None) -> Seen:
    async with scripted(answers) as target:
        return await press(target, "/play", patience, seconds=10)


def test_events_end_at_blank_lines_wherever_the_chunks_do() -> None:
    text = b"data: one\ndata: more\n\ndata: two\n\n"
    for cut in range(len(text) + 1):
        events = Events()
        found = [*events.feed(text[:cut]), *events.feed(text[cut:])]
        assert found == [b"data: one\ndata: more", b"data: two"]
    assert Events().feed(b"data: unfinished\n") == []


@pytest.mark.parametrize(
    "address",
    ["http://10.0.0.7:8000", "http://example.com", "https://localhost", "http://localhost.de", ""],
)
def test_only_this_machine_may_be_loaded(address: str) -> None:
    with pytest.raises(ValueError, match="not http on this machine"):
        Target.of(address)


def test_this_machine_has_two_names() -> None:
    assert Target.of("http://127.0.0.1:8000") == Target("127.0.0.1", 8000)
    assert Target.of("http://localhost") == Target("localhost", 80)


def test_the_files_of_a_page_are_there() -> None:
    assert all((ROOT / name.removeprefix("/")).is_file() for name in FILES)


async def test_pictures_are_counted_and_places_in_the_queue_are_not() -> None:
    half = len(PICTURE) // 2
    seen = await see(whole(QUEUED, PICTURE[:half], PICTURE[half:] + PICTURE, LAST))
    assert (seen.frames, seen.shed, seen.error) == (3, 0, "")
    assert seen.answered is not None
    assert seen.first is not None
    assert seen.last is not None
    assert seen.answered <= seen.first <= seen.last


async def test_a_503_is_obeyed() -> None:
    seen = await see(BUSY, BUSY, whole(LAST))
    assert (seen.shed, seen.frames, seen.error) == (2, 1, "")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (whole(PICTURE), "broke off"),
        (stream(PICTURE), "IncompleteReadError"),
        (whole(b'data: <p class="message-bad" data-done>no</p>\n\n'), "failed"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "status 500"),
        (b"", "IncompleteReadError"),
    ],
)
async def test_what_goes_wrong_is_an_error(answer: bytes, error: str) -> None:
    seen = await see(answer)
    assert error in seen.error
    assert seen.last is None


async def test_a_stream_that_is_shed_midway_is_no_error() -> None:
    seen = await see(whole(PICTURE, b'data: <p class="message-bad" data-done>' + FULL + b"\n\n"))
    assert (seen.shed, seen.error, seen.last) == (1, "", None)


@pytest.mark.parametrize(("patience", "frames"), [(0, 0), (1, 1), (2, 2)])
async def test_the_impatient_leave(patience: int, frames: int) -> None:
    async with scripted([stream(PICTURE, PICTURE)], hangs=True) as target:
        seen = await press(target, "/play", patience, seconds=10)
    assert (seen.frames, seen.error, seen.last) == (frames, "", None)


async def test_waiting_has_an_end() -> None:
    async with scripted([stream(PICTURE)], hangs=True) as target:
        seen = await press(target, "/play", seconds=0.2)
    assert "0.2 s" in seen.error


async def test_a_page_or_file_that_is_missing_is_named() -> None:
    async with scripted([b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"] * 2) as target:
        assert await load_page(target, 4) == "/slides/4: status 404"
        with pytest.raises(LookupError, match="404"):
            await get(target, "/metrics")


def test_frames_a_second_need_two_frames() -> None:
    assert Seen(first=1.0, last=3.0, frames=5).frames_per_second == 2
    assert Seen(first=1.0, last=1.1, frames=1).frames_per_second is None
    assert Seen().frames_per_second is None
