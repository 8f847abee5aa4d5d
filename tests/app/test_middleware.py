"""What every response carries, HEAD, and what other sites' pages may not do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.factory import create_app
from app.middleware import POLICY, HeadAsGet
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import Message

PLAY = "/slides/1/play?demo=reconstruct&seed=9"
GETS = [
    "/",
    "/slides/1",
    "/slides/4/stage?demo=noise",
    "/slides/4?utm_source=x",
    "/slides/4?seed=x",
    "/slides/9",
    "/about",
    "/presenter",
    "/status",
    "/docs",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/api/v1/models",
    "/gallery/7.png",
    "/gallery/700.png",
    "/static/css/tokens.css",
    "/static/vendor/htmx/htmx.min.js",
    "/static/nothing.css",
    "/nowhere",
]
CHANGES = ("date", "content-length")


@pytest.mark.parametrize("path", GETS)
def test_head_answers_as_get_without_a_body(
    client: TestClient, page_headers: dict[str, str], path: str
) -> None:
    got = client.get(path, headers=page_headers)
    head = client.head(path, headers=page_headers)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)


def test_head_of_what_counts_itself_has_no_body_either(client: TestClient) -> None:
    head = client.head("/metrics")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/plain; version=")
    play = client.head(PLAY, headers={"accept": "text/event-stream"})
    assert (play.status_code, play.content) == (200, b"")
    assert play.headers["content-type"].startswith("text/event-stream")


def test_head_of_what_only_changes_things_is_refused(client: TestClient) -> None:
    assert client.head("/status/warm-up").status_code == 405
    assert client.head("/api/v1/models/vae/sample").status_code == 405


@pytest.mark.anyio
@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_head_ends_a_stream_before_its_second_part(spec_version: str) -> None:
    made: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"x"

    app = FastAPI()

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(parts())

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        if received:
            await asyncio.Event().wait()
        received.append(True)
        return {"type": "http.request", "body": b"", "more_body": False}

    received: list[bool] = []
    asgi = {"version": "3.0", "spec_version": spec_version}
    scope: dict[str, Any] = {
        "type": "http",
        "method": "HEAD",
        "path": "/stream",
        "headers": [],
        "asgi": asgi,
    }
    scope |= {"query_string": b"", "root_path": ""}
    async with asyncio.timeout(10):
        await HeadAsGet(app)(scope, receive, send)
    assert made == [0]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[1] == {"type": "http.response.body", "body": b""}


@pytest.mark.parametrize("path", ["/", "/slides/1", "/nowhere", "/api/v1/models", "/healthz"])
def test_what_says_nothing_of_keeping_must_be_asked_for_anew(client: TestClient, path: str) -> None:
    assert client.get(path).headers["cache-control"] == "no-cache"


def test_the_policy_admits_no_more_than_is_used() -> None:
    assert "blob:" not in POLICY
    assert "unsafe" not in POLICY


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "http://testserver:81"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": ""},
    ],
)
def test_another_site_may_change_nothing(
    client: TestClient, method: str, headers: dict[str, str]
) -> None:
    answer = client.request(method, "/api/v1/models/vae/sample", json={}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"] or "other sites" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "http://elsewhere.example"},
        {"sec-fetch-site": "none"},
        {"origin": "http://testserver"},
        {"origin": "http://TestServer:80"},
    ],
)
def test_the_deck_s_own_pages_and_scripts_may(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/models/vae/sample", json={"n": 0}, headers=headers)
    assert answer.status_code == 422


@pytest.fixture(scope="module")
def public() -> Iterator[TestClient]:
    """A server that is told where browsers find it."""
    settings = Settings(warm_up=False, public_origin="https://deck.example.org")
    with TestClient(create_app(settings), client=("127.0.0.1", 1)) as running:
        yield running


def test_the_public_origin_is_the_deck_s_own(public: TestClient) -> None:
    for origin, status in (
        ("https://deck.example.org", 422),
        ("https://deck.example.org:443", 422),
        ("https://deck.example.org:8443", 403),
        ("https://evil.example.org", 403),
        ("null", 403),
    ):
        answer = public.post("/api/v1/models/vae/sample", json={"n": 0}, headers={"origin": origin})
        assert answer.status_code == status, origin


def test_a_refusal_names_the_cause_and_the_remedy(
    client: TestClient, page_headers: dict[str, str]
) -> None:
    headers = {**page_headers, "origin": "https://deck.example.org"}
    page = client.post("/status/warm-up", headers=headers)
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")
    for words in ("https://deck.example.org", "testserver", "X-Forwarded-Host", "GMFT_PUBLIC_OR"):
        assert words in page.text


def test_no_socket_is_opened_to_another_site_s_page(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/"):
        pass
