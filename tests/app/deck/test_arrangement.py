"""Plays as a deck has them, on pages and in what they do."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from app.factory import create_app
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.demos.registry import Demos

DECK = """
[cover]
title = "How Machines Learned to Draw"
promise = "<b>Live</b>"

[slides.3]
order = ["tokens", "roundtrip"]
leave_out = ["likelihood"]

[slides.4]
title = "Noise & back"
order = ["noising"]

[slides.4.facts]
"How it works" = []
"Why it won" = []
"The latent trick" = []

[slides.4.plays.denoise]
title = "Clean up"
hint = "Watch."
leave_out = ["solver", "dataset"]
defaults.prompt = "a girl with long blonde hair"
defaults.num_steps = 3
defaults.guidance_scale = 1
defaults.solver = "ddim"

[slides.8.plays.quiz]
defaults.seed = 5
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[TestClient]:
    """An app with that deck."""
    path: Path = tmp_path_factory.mktemp("deck") / "my.toml"
    path.write_text(DECK, encoding="utf-8")
    with TestClient(create_app(Settings(warm_up=False, deck=str(path)))) as running:
        yield running


@pytest.fixture
def demos(own) -> Demos:
    found: Demos = own.app.state.context.demos
    return found


def test_plays_are_in_the_deck_s_order(demos: Demos) -> None:
    names = [demo.name for demo in demos.for_slide(3)]
    assert names == ["tokens", "roundtrip", "flow", "complete", "codebook"]
    assert demos.find(4).name == "noising"


def test_a_play_begins_with_the_deck_s_values(own, demos: Demos) -> None:
    p = demos.find(4, "denoise").parameters.model_validate({})
    values = ("a girl with long blonde hair", 3, "ddim", 1.0)
    assert (p.prompt, p.num_steps, p.solver, p.guidance_scale) == values  # type: ignore[attr-defined]
    assert isinstance(p.guidance_scale, float)  # type: ignore[attr-defined]
    text = own.get("/slides/4?demo=denoise").text
    assert 'value="a girl with long blonde hair"' in text
    assert own.get("/slides/4?demo=denoise&num_steps=").text == text


def test_bounds_stay_what_they_were(own) -> None:
    assert own.get("/slides/4?demo=denoise&num_steps=100").status_code == 200
    assert own.get("/slides/4?demo=denoise&num_steps=101").status_code == 422


def test_a_control_that_is_left_out_keeps_its_default_whatever_is_asked(own) -> None:
    text = own.get("/slides/4?demo=denoise").text
    assert 'name="prompt"' in text
    assert 'name="solver"' not in text
    assert 'name="dataset"' not in text
    asked = "/slides/4?demo=denoise&solver=magic&dataset=fashion"
    assert own.get(asked).text == text


def test_words_of_the_deck_are_on_its_pages(own) -> None:
    cover, slide = own.get("/"), own.get("/slides/4?demo=denoise")
    assert "<title>How Machines Learned to Draw</title>" in cover.text
    assert "&lt;b&gt;Live&lt;/b&gt;" in cover.text
    told = html.unescape(slide.text)
    for words in ("Noise & back", "Clean up", "Watch."):
        assert words in told
    assert 'role="tab"' not in slide.text  # no fact is left
    assert "Noise &amp; back" in own.get("/presenter").text
    assert "Noise &amp; back" in own.get("/nowhere", headers={"accept": "text/html"}).text


def test_a_link_to_a_play_that_is_left_out_leads_to_its_slide(own) -> None:
    there = own.get("/slides/3")
    assert 'data-demo="tokens"' in there.text
    assert own.get("/slides/3?demo=likelihood").text == there.text
    assert "How likely?" not in html.unescape(
        there.text.split("data-demo-form")[0].split("tabs")[1]
    )
    assert own.get("/slides/3?demo=dance").status_code == 404


def test_a_seed_that_the_deck_gives_is_no_surprise(own) -> None:
    texts = {own.get("/slides/8?demo=quiz").text for _ in range(3)}
    assert len(texts) == 1
    assert 'name="seed" min="0" max="2147483647" value="5"' in texts.pop()


def test_another_app_has_the_shipped_deck(own, client: TestClient) -> None:
    assert "Noise &amp; back" not in client.get("/slides/4").text
    assert 'name="solver"' in client.get("/slides/4?demo=denoise").text
