"""A deck of one's own in the browser: its words, its order of Plays, its controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.factory import create_app
from app.settings import Settings
from tests.support.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

DECK = """
[cover]
title = "How Machines Learned to Draw"

[slides.4]
title = "Noise and back"
notes = ["Ask for a prompt."]
order = ["noising"]

[slides.4.plays.denoise]
title = "Clean up"
leave_out = ["solver", "dataset"]
defaults.prompt = "a girl with long blonde hair"
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[str]:
    """The address of that deck."""
    path = tmp_path_factory.mktemp("deck") / "my.toml"
    path.write_text(DECK, encoding="utf-8")
    with served(create_app(Settings(warm_up=False, deck=str(path)))) as address:
        yield address


def test_the_cover_the_overview_and_the_slide_say_its_words(open_page, own: str) -> None:
    page = open_page("about:blank")
    page.goto(own)
    expect(page.locator("h1")).to_have_text("How Machines Learned to\N{NO-BREAK SPACE}Draw")
    page.keyboard.press("o")
    page.locator("#overview").get_by_role("link", name="Noise and back").click()
    expect(page.locator(".slide h1")).to_have_text("Noise and back")
    expect(page).to_have_title("4 · Noise and back")


def test_its_first_play_is_shown_and_the_other_lacks_what_is_left_out(open_page, own: str) -> None:
    page = open_page("about:blank")
    page.goto(f"{own}/4")
    expect(page.locator(".tabs a")).to_have_text(["Add noise", "Clean up", "Guidance"])
    expect(page.locator("#stage")).to_have_attribute("data-demo", "noising")
    page.get_by_role("link", name="Clean up").click()
    expect(page.locator("#stage")).to_have_attribute("data-demo", "denoise")
    expect(page.locator("[name=prompt]")).to_have_value("a girl with long blonde hair")
    expect(page.locator("[name=num_steps]")).to_have_count(1)
    expect(page.locator("[name=solver], [name=dataset]")).to_have_count(0)


def test_the_presenter_has_its_notes(open_page, own: str) -> None:
    page = open_page("about:blank")
    page.goto(f"{own}/presenter")
    notes = page.locator(".talk[data-number='4'] .speaker li")
    expect(notes).to_have_text(["Ask for a prompt."])
