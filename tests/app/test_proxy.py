"""Behind a reverse proxy: whose word is taken, and the deck under a path of another host."""

from __future__ import annotations

import re
from contextlib import contextmanager
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient

from app.factory import create_app
from app.proxy import Forwarded, from_this_machine, route_path
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Message, Receive, Scope, Send

PROXY = "127.0.0.1"
HTML = {"accept": "text/html"}


async def seen(headers: dict[str, str], client: str | None = PROXY, path: str = "/", **of: str):
    """What the app sees of a request that a proxy passes on."""
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)

    async def receive() -> Message:
        raise AssertionError

    async def send(_: Message) -> None:
        raise AssertionError

    scope: Scope = {"type": "http", "method": "GET", "path": path, "scheme": "http"}
    scope["client"] = (client, 5000) if client else None
    sent = {"host": "127.0.0.1:8000", **headers}
    scope["headers"] = [(name.encode(), text.encode()) for name, text in sent.items()]
    settings = {"trusted": "127.0.0.1,::1,10.0.0.0/8", "root_path": ""} | of
    await Forwarded(app, **settings)(scope, receive, send)
    return scopes[0]


def host(scope: Scope) -> str:
    found: bytes = dict(scope["headers"])[b"host"]
    return found.decode()


@pytest.mark.anyio
async def test_a_trusted_proxy_says_who_asks_and_how() -> None:
    scope = await seen(
        {
            "x-forwarded-for": "203.0.113.9",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "deck.example.org",
            "x-forwarded-prefix": "/user/me%40school/proxy/8000/",
        },
        path="/slides/1",
    )
    assert scope["client"] == ("203.0.113.9", 0)
    assert (scope["scheme"], host(scope)) == ("https", "deck.example.org")
    assert scope["root_path"] == "/user/me@school/proxy/8000"
    assert scope["path"] == "/user/me@school/proxy/8000/slides/1"
    assert route_path(scope) == "/slides/1"
    assert not from_this_machine(scope)


@pytest.mark.anyio
@pytest.mark.parametrize("client", ["203.0.113.9", "testclient", "", None])
async def test_nobody_else_is_believed(client: str | None) -> None:
    headers = {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "x-forwarded-prefix": "/evil",
    }
    scope = await seen(headers, client=client)
    assert (scope["path"], scope["root_path"], scope["scheme"]) == ("/", "", "http")
    assert host(scope) == "127.0.0.1:8000"
    assert not from_this_machine(scope)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("made up, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1"),
        (" , ", None),
    ],
)
async def test_the_last_address_that_is_no_proxy_asks(chain: str, client: str | None) -> None:
    scope = await seen({"x-forwarded-for": chain})
    assert scope["client"] == ((client, 0) if client else None)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "prefix", ["", "/", "deck", "/a b", "//evil.example", '/"><script>', "/..", "/a/./b"]
)
async def test_a_prefix_that_is_no_path_is_ignored(prefix: str) -> None:
    scope = await seen({"x-forwarded-prefix": prefix})
    assert scope["root_path"] == ""
    assert route_path(scope) == "/"


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/slides/1", "/deck/slides/1"])
async def test_it_makes_no_difference_whether_the_proxy_removes_the_path(path: str) -> None:
    scope = await seen({}, path=path, root_path="/deck")
    assert (scope["root_path"], scope["path"]) == ("/deck", "/deck/slides/1")


@pytest.mark.anyio
async def test_this_machine_is_loopback_without_a_proxy_that_hides_another() -> None:
    for client in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert from_this_machine(await seen({}, client=client))
    for client in ("10.1.2.3", "192.168.1.5", "::ffff:10.1.2.3", "fe80::1%eth0", "testclient"):
        assert not from_this_machine(await seen({}, client=client))
    assert not from_this_machine(await seen({"x-forwarded-host": "deck.example.org"}))
    assert not from_this_machine(await seen({"forwarded": "for=203.0.113.9"}))


@contextmanager
def deck(headers: dict[str, str], **settings: Any) -> Iterator[TestClient]:
    app = create_app(Settings(warm_up=False, **settings))
    with TestClient(app, client=(PROXY, 5000), headers=headers) as running:
        yield running


BY_HEADERS = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-host": "deck.example.org",
    "x-forwarded-proto": "https",
    "x-forwarded-prefix": "/deck",
}
ADDRESS = re.compile(r'\b(?:href|src|(?:form)?action|hx-get|hx-post|data-root)="([^"#][^"]*)"')


@pytest.fixture(scope="module", params=["headers", "setting"])
def under_a_path(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """The deck as a proxy shows it under /deck, told by headers or by the settings."""
    if request.param == "headers":
        with deck(BY_HEADERS) as running:
            yield running
    else:
        with deck({}, root_path="/deck", public_origin="https://deck.example.org") as running:
            yield running


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/slides/1",
        "/slides/3?demo=tokens",
        "/slides/5",
        "/slides/8",
        "/about",
        "/status",
        "/presenter",
        "/docs",
        "/nowhere",
        "/slides/4/stage?demo=noise",
        "/slides/1/play?demo=reconstruct",
        "/slides/8/play?demo=quiz&seed=2",  # by a family that draws at once
    ],
)
def test_every_address_of_a_page_stays_under_the_path(under_a_path: TestClient, path: str) -> None:
    page = under_a_path.get(path, headers=HTML)
    found = {unescape(a) for a in ADDRESS.findall(page.text) if not a.startswith("data:")}
    assert found
    for address in found:
        full = urlsplit(urljoin(f"https://deck.example.org/deck{path}", address))
        assert full.path == "/deck" or full.path.startswith("/deck/"), address
        if "/play" in full.path or address == "/deck":
            continue
        asked = under_a_path.get(full.path.removeprefix("/deck") + f"?{full.query}", headers=HTML)
        assert asked.status_code in (200, 403, 405), address


def test_styles_and_scripts_ask_for_nothing_outside_the_path(under_a_path: TestClient) -> None:
    for name in (
        "css/tokens.css",
        "css/layout.css",
        "js/pages/deck.js",
        "js/pages/slides.js",
    ):
        answer = under_a_path.get(f"/static/{name}")
        assert answer.status_code == 200, name
        assert not re.search(r"url\(['\"]?/|from \"/|import\(\"/", answer.text), name


def test_redirects_and_cookies_stay_under_the_path(under_a_path: TestClient) -> None:
    key = under_a_path.app.state.context.presenter_key  # type: ignore[attr-defined]
    for path in ("/presenter", "/deck/presenter"):
        answer = under_a_path.get(f"{path}?key={key}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/deck/presenter")
        assert "Path=/deck;" in answer.headers["set-cookie"]
    pressed = under_a_path.post(
        "/status/warm-up",
        headers={"origin": "https://deck.example.org", "cookie": f"presenter={key}"},
        follow_redirects=False,
    )
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/deck/status")


def test_the_description_of_the_api_says_where_it_is(under_a_path: TestClient) -> None:
    assert under_a_path.get("/openapi.json").json()["servers"] == [{"url": "/deck"}]


def test_errors_of_the_api_are_json_under_a_path_too(under_a_path: TestClient) -> None:
    for path in ("/api/v1/models/x/sample", "/deck/api/v1/models/x/sample"):
        answer = under_a_path.post(path, json={}, headers=HTML)
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("headers", "settings", "status"),
    [
        ({}, {}, 403),
        ({"x-forwarded-host": "deck.example.org"}, {}, 422),
        ({"x-forwarded-host": "deck.example.org:443"}, {}, 422),
        ({}, {"public_origin": "https://deck.example.org"}, 422),
        ({"x-forwarded-host": "evil.example"}, {}, 403),
    ],
)
def test_a_proxy_that_hides_the_host_needs_to_say_so(
    headers: dict[str, str], settings: dict[str, str], status: int
) -> None:
    with deck({"host": "upstream:8000", **headers}, **settings) as client:
        answer = client.post(
            "/api/v1/models/vae/sample",
            json={"n": 0},
            headers={"origin": "https://deck.example.org"},
        )
        assert answer.status_code == status


def test_an_operator_is_the_presenter_or_at_this_machine() -> None:
    with deck(BY_HEADERS) as client:
        key = client.app.state.context.presenter_key  # type: ignore[attr-defined]
        for path, method in (("/metrics", "GET"), ("/status/warm-up", "POST")):
            refused = client.request(method, path, headers=HTML)
            assert refused.status_code == 403
            assert "link with a key" in refused.text
        assert "Run every Play once" not in client.get("/status").text
        client.get(f"/presenter?key={key}", follow_redirects=False)
        client.cookies.clear()
        client.cookies.set("presenter", key)
        assert client.get("/metrics").status_code == 200
        assert "Run every Play once" in client.get("/status").text


def test_a_setting_opens_the_metrics_to_a_scraper() -> None:
    app = create_app(Settings(warm_up=False, open_metrics=True))
    client = TestClient(app, client=("10.9.8.7", 1))
    assert client.get("/metrics").status_code == 200
    assert client.post("/status/warm-up").status_code == 403
