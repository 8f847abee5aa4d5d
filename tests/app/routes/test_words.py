"""How a prompt is read, asked while one types: without a model, of bounded length, in all Plays."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from tests.support.demos import DEMOS
from tests.support.visible import Visible

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.demos.demo import Demo

PROMPTED = [demo for demo in DEMOS if "prompt" in demo.parameters.model_fields]


def words(client: TestClient, slide: int = 7, demo: str = "space", **asked: str) -> str:
    answer = client.get(f"/slides/{slide}/words", params={"demo": demo, **asked})
    assert answer.status_code == 200
    return answer.text


def test_words_are_known_read_as_others_or_struck_through(client: TestClient) -> None:
    text = words(client, prompt="a sunst over a dragon")
    assert "<span>over</span>" in text
    assert re.search(r'class="read-as"><del>sunst</del>.*read as</span> sunset</span>', text)
    assert re.search(r'<s title="not understood">dragon', text)
    assert 'data-said="sunst is read as sunset. Not understood: dragon."' in text


def test_it_says_when_nothing_is_known_and_where_it_was_cut(client: TestClient) -> None:
    assert "the picture is drawn without" in words(client, demo="prompt", prompt="zzz")
    assert "there is nothing to look for" in words(client, prompt="zzz")
    text = words(client, prompt="red " * 30 + "house")
    assert "cut before “house”" in text
    assert '<s class="late"' in text


@pytest.mark.parametrize(("slide", "demo"), [(3, "tokens"), (4, "denoise"), (6, "paths")])
def test_a_model_of_faces_asked_for_a_landscape_says_so(
    client: TestClient, slide: int, demo: str
) -> None:
    text = words(client, slide, demo, prompt="a lake & a boat")
    assert "This model draws only faces." in text
    assert "only faces" not in words(client, slide, demo, prompt="a girl")
    (address,) = re.findall(r'href="([^"]*)" data-slide="7"', text)
    assert unescape(address) == "/slides/7?demo=prompt&prompt=a+lake+%26+a+boat"
    page = client.get(unescape(address))
    assert Visible(page.text).fields["prompt"] == "a lake & a boat"


def test_clothes_are_read_by_their_class(client: TestClient) -> None:
    text = words(client, 4, "denoise", dataset="fashion", prompt="a red sneaker")
    assert "<span>sneaker</span>" in text
    assert "red</s>" in text.replace('<span class="visually-hidden"> (not understood)</span>', "")
    assert "<span" not in words(client, 3, "tokens", dataset="fashion", prompt="red").replace(
        '<span class="words-read"></span>', ""
    )


@pytest.mark.parametrize("demo", PROMPTED, ids=lambda d: d.name)
def test_a_page_shows_the_reading_of_its_prompt_at_once(client: TestClient, demo: Demo) -> None:
    page = client.get(f"/slides/{demo.slide}?demo={demo.name}&prompt=a+sad+dragon").text
    (place,) = re.findall(r'<div class="reading".*?</div>\s*</div>', page, re.DOTALL)
    assert words(client, demo.slide, demo.name, prompt="a sad dragon").strip() in place
    assert 'aria-describedby="reading"' in page


def test_pages_without_a_prompt_have_no_reading(client: TestClient) -> None:
    assert 'class="reading"' not in client.get("/slides/4?demo=noising").text
    assert "<span>" not in words(client, 4, "noising")


def test_it_may_be_kept_for_a_while_and_is_bounded(client: TestClient) -> None:
    answer = client.get("/slides/7/words?demo=prompt&prompt=red")
    assert answer.headers["cache-control"] == "max-age=600"
    assert client.get(f"/slides/7/words?prompt={'x' * 301}").status_code == 422
    assert client.get("/slides/9/words").status_code == 404
    assert len(words(client, prompt="é" * 300)) < 5_000


def test_no_model_is_loaded(client: TestClient) -> None:
    zoo = client.app.state.context.zoo  # type: ignore[attr-defined]
    before = zoo.loaded()
    for demo in PROMPTED:
        words(client, demo.slide, demo.name, prompt="a red house")
    assert zoo.loaded() == before


def test_a_prompt_is_escaped(client: TestClient) -> None:
    text = words(client, prompt='<script>"x"</script>')
    assert "<script" not in text


@pytest.mark.parametrize(
    ("accept", "begins"), [("text/event-stream", '"7?'), ("text/html", '"/slides/7?')]
)
def test_the_link_in_a_play_leads_there_from_where_it_is_shown(
    client: TestClient, accept: str, begins: str
) -> None:
    """A streamed frame stands on /slides/4, wherever a proxy shows that; a page knows its place."""
    address = "/slides/4/play?demo=denoise&num_steps=1&prompt=a+lake"
    text = client.get(address, headers={"accept": accept}).text.split('class="part words')[-1]
    assert f"href={begins}demo=prompt&amp;prompt=a+lake" in text
    assert "This model draws only faces." in text
