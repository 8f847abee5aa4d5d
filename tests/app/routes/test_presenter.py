"""Whose Plays go first, and what equal Plays share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from app.engine import Engine
from app.plays import Plays, plays
from app.presenter import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

pytestmark = pytest.mark.slow

STREAM = {"accept": "text/html, text/event-stream"}
PLAY = "/slides/1/play?demo=reconstruct&seed=3"


@pytest.fixture
def key(client: TestClient) -> Iterator[str]:
    """The server's; afterwards the client is nobody again."""
    yield client.app.state.context.presenter_key  # type: ignore[attr-defined]
    client.cookies.clear()


@pytest.fixture
def urgent(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How each request to the engine was made."""
    submit, made = Engine.submit, []

    def note(self: Engine, *args: Any, **kwargs: Any) -> Any:
        made.append(args[3].urgent)
        return submit(self, *args, **kwargs)

    monkeypatch.setattr(Engine, "submit", note)
    monkeypatch.setattr(plays, "TOGETHER", 0.0)  # every press is a Play of its own
    return made


def test_the_server_s_key_makes_a_presenter(
    client: TestClient, key: str, urgent: list[bool]
) -> None:
    client.get(PLAY, headers=STREAM)
    answer = client.get(f"/presenter?key={key}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/presenter")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}={key}; HttpOnly")
    assert "SameSite=strict" in cookie
    client.get(PLAY, headers=STREAM)
    assert urgent == [False, True]


def test_another_key_is_refused_in_words(
    client: TestClient, key: str, page_headers: dict[str, str]
) -> None:
    answer = client.get(f"/presenter?key={key}x", headers=page_headers)
    assert answer.status_code == 403
    assert "not the key that the server printed" in answer.text
    assert COOKIE not in client.cookies


@pytest.mark.parametrize("made_up", ["", "x", "é"])
def test_a_made_up_cookie_presents_nothing(
    client: TestClient, key: str, urgent: list[bool], made_up: str
) -> None:
    cookie = (b"cookie", f"{COOKIE}={made_up}".encode())
    client.get(PLAY, headers=[*((k.encode(), v.encode()) for k, v in STREAM.items()), cookie])
    assert urgent == [False]


def test_plays_are_shared_by_what_they_show(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    join, keys = Plays.join, []

    def note(self: Plays, key: Any, *rest: Any) -> Any:
        keys.append(key)
        return join(self, key, *rest)

    monkeypatch.setattr(Plays, "join", note)
    for query in ("demo=prior&seed=3", "seed=3&demo=prior", "demo=prior&seed=4", "seed=3"):
        client.get(f"/slides/1/play?{query}", headers=STREAM)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_play_may_not_take_for_ever(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    context = client.app.state.context  # type: ignore[attr-defined]
    monkeypatch.setattr(context, "settings", replace(context.settings, stream_seconds=0))
    answer = client.get("/slides/4/play?demo=denoise&seed=77", headers=STREAM)
    assert answer.status_code == 200
    assert "This Play was ended after 0 seconds." in answer.text
    assert "data-done" in answer.text
