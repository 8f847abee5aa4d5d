"""A slide printed from the deck itself: all its words and its picture, and nothing to press."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

PRESSED = ".tools, .strip, .player, .controls, .stage-tools, .fact-tabs, .drawer, dialog, .skip"
CUT = """() => [...document.querySelectorAll("#deck .facts :is(h2, li, p, td)")]
  .filter(e => !e.closest(".visually-hidden, [popover]") && !e.checkVisibility()
    || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
  .map(e => e.textContent.slice(0, 60))"""


@pytest.mark.parametrize(("number", "sheets"), [(1, 1), (4, 1), (5, 2)])
def test_a_slide_prints_with_all_its_words_and_its_picture(
    open_page, light_server: str, number: int, sheets: int
) -> None:
    page = open_page("about:blank", color_scheme="dark")
    page.goto(f"{light_server}/slides/{number}")
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame.current[data-done]", state="attached")
    page.keyboard.press("m")
    page.set_viewport_size({"width": 1047, "height": 718})  # what A4 leaves within its margins
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(CUT) == []
    assert page.locator("#deck .facts > section > h2").count() >= 3
    for thing in page.locator(PRESSED).all():
        expect(thing).to_be_hidden()
    expect(page.locator(".frame.current .picture img")).to_be_visible()
    assert page.locator(".room").bounding_box()["height"] > 300
    kept = page.evaluate("getComputedStyle(document.querySelector('.insight')).printColorAdjust")
    assert kept == "exact"
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == sheets


def test_the_keys_name_the_page_for_the_whole_deck(open_page, light_server: str) -> None:
    page = open_page("about:blank")
    page.goto(f"{light_server}/slides/1")
    page.keyboard.press("?")
    page.locator("#help").get_by_role("link", name="the whole deck").click()
    expect(page).to_have_url(re.compile("/print$"))
