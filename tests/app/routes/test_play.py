"""Plays: the stream, the page without JavaScript, repetition, a full engine."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import TYPE_CHECKING

import pytest

from app.deck.comparison import FAMILIES
from app.deck.deck import shipped
from app.demos.families.quiz import WHY, family_of
from app.demos.kit import Picture
from app.engine import Engine, EngineFullError, PlayFailedError, Progress, Watch
from tests.support.demos import DEMOS
from tests.support.streams import frames
from tests.support.visible import Visible

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi.testclient import TestClient

    from app.demos.demo import Demo

pytestmark = pytest.mark.slow

LONG = {"flow", "likelihood", "tokens", "complete", "race", "cost", "timeline"}
"""The browser plays them; here, where no run-time makes models faster, they take half a minute."""
STREAM = {"accept": "text/html, text/event-stream"}


def pictures(frame: str) -> list[str]:
    """Addresses of those that are seen: the film strip keeps some that are not."""
    return re.findall(
        r'<img(?! data-filmed hidden)[^>]*src="(data:image/webp;base64,[^"]+)"', frame
    )


def address(demo: Demo, seed: int) -> str:
    """A Play of a demo, with few steps where their number can be chosen."""
    few = "&num_steps=5" if "num_steps" in demo.parameters.model_fields else ""
    return f"/slides/{demo.slide}/play?demo={demo.name}&seed={seed}{few}"


@pytest.mark.parametrize("demo", [d for d in DEMOS if d.name not in LONG], ids=lambda d: d.name)
def test_a_demo_plays_as_a_stream_and_as_a_page(
    client: TestClient, page_headers: dict[str, str], demo: Demo
) -> None:
    # Both at once: the Play is shared.
    url = address(demo, seed=11)
    with ThreadPoolExecutor() as browsers:
        answer, page = browsers.map(
            lambda headers: client.get(url, headers=headers), (STREAM, page_headers)
        )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    shown = frames(answer.text)
    assert "data-done" in shown[-1]
    assert not any("data-done" in frame for frame in shown[:-1])
    assert "message-bad" not in answer.text
    assert len(shown) <= 66
    assert pictures(shown[-1])
    assert "image/jpeg" not in shown[-1]  # what stays on the stage is lossless

    # Without JavaScript the same address answers the slide with the same pictures on it.
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "message-bad" not in page.text
    seen = Visible(page.text)
    assert shipped().outline[demo.slide - 1].title in seen.text
    assert [src for src in seen.images if src.startswith("data:")] == pictures(shown[-1])
    time = "" if demo.surprising else r"\d+\.\d\d s"  # of a quiz it would be the answer
    facts = ", ".join(filter(None, ("Seed 11" if demo.seeded else "", time)))
    assert re.search(rf"\. {facts}\.", seen.text)
    assert seen.fields["seed"] == "11"
    for name in demo.models:
        millions = client.app.state.context.card(name)["parameters"] / 1e6  # type: ignore[attr-defined]
        assert f"{name}, {millions:.1f} M" in seen.text


def test_another_seed_gives_another_picture(client: TestClient) -> None:
    one, two = (
        frames(client.get(f"/slides/1/play?demo=prior&seed={seed}", headers=STREAM).text)[-1]
        for seed in (1, 2)
    )
    assert pictures(one) != pictures(two)


def test_without_javascript_a_failure_is_a_page(
    client: TestClient, page_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> AsyncGenerator[Progress, None]:
        raise PlayFailedError("The model failed while drawing this.")
        yield

    monkeypatch.setattr(Watch, "progress", fail)
    page = client.get("/slides/6/play?demo=timeline", headers=page_headers)
    seen = Visible(page.text)
    assert "message-bad" in page.text
    assert shipped().outline[5].title in seen.text
    assert "The model failed while drawing this." in seen.text


def test_without_javascript_a_full_engine_is_a_page(
    client: TestClient, page_headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise EngineFullError(retry_after=5)

    monkeypatch.setattr(Engine, "submit", full)
    page = client.get("/slides/4/play?demo=denoise", headers=page_headers)
    assert page.status_code == 503
    assert page.headers["retry-after"] == "5"
    assert "Too many plays are waiting" in Visible(page.text).text


def test_a_frame_that_cannot_be_drawn_ends_in_words(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = Picture.src

    def src(self: Picture, exact: bool) -> str:
        if exact:
            raise OSError("no such colour")
        return draw(self, exact)

    monkeypatch.setattr(Picture, "src", src)
    url = "/slides/4/play?demo=denoise&num_steps=3&seed=5"
    shown = frames(client.get(url, headers=STREAM).text)
    assert "image/webp" in shown[0]
    assert "could not be finished" in shown[-1]
    assert "data-done" in shown[-1]
    assert "no such colour" not in shown[-1]


def test_unknown_words_are_marked(client: TestClient) -> None:
    url = "/slides/4/play?demo=denoise&num_steps=1&prompt=a+red+spaceship"
    last = frames(client.get(url, headers=STREAM).text)[-1]
    assert re.search(r"<s [^>]*>spaceship", last)
    assert "<span>red</span>" in last


def test_a_prompt_is_escaped(client: TestClient) -> None:
    url = "/slides/4/play?demo=denoise&num_steps=1&prompt=<script>alert(1)</script>"
    assert "<script>alert" not in client.get(url, headers=STREAM).text


def test_bad_parameters_are_refused_before_the_stream(client: TestClient) -> None:
    answer = client.get("/slides/4/play?num_steps=0", headers=STREAM)
    assert answer.status_code == 422
    assert "num_steps" in answer.text


def test_a_full_engine_asks_to_come_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise EngineFullError(retry_after=5)

    monkeypatch.setattr(Engine, "submit", full)
    answer = client.get(
        "/slides/4/play?demo=denoise", headers={**STREAM, "hx-request-type": "partial"}
    )
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert 'data-retry="5"' in answer.text


def test_the_quiz_keeps_its_secret_until_a_guess(client: TestClient) -> None:
    quick = next(seed for seed in range(50) if family_of(seed) == "vae")
    url = f"/slides/8/play?demo=quiz&seed={quick}"
    asked = frames(client.get(url, headers=STREAM).text)
    for frame in asked:
        assert "drew them." not in frame  # which is how the verdict ends
        assert "drawn by" not in frame.lower()
        assert not any(reason in unescape(frame) for reason in WHY.values())
        assert not re.search(r"\d\.\d\d\ss", frame)  # the time would tell
    assert "who drew them?" in asked[-1]
    told = frames(client.get(url + "&guess=vae", headers=STREAM).text)[-1]
    assert f"Yes: {FAMILIES['vae']} drew them. {WHY['vae']}" in unescape(told)
    assert pictures(told)[0] == pictures(asked[-1])[0]
