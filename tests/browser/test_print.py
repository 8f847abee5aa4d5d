"""The deck on paper: a page for each slide, with nothing cut off, also without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest

PAPER: dict[str, dict[str, Any]] = {
    "A4": {"format": "A4", "landscape": True},
    "Letter": {"format": "Letter", "landscape": True},
    "the style's own": {"prefer_css_page_size": True},
}
CUT = """() => [...document.querySelectorAll(".sheet > *, .sheet li, .sheet p, .sheet td")]
  .filter(e => !e.closest(".tree, .visually-hidden") && e.checkVisibility()
    && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
  .map(e => e.className + ": " + e.textContent.slice(0, 60))"""


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("paper", PAPER)
def test_every_slide_and_the_cover_are_one_page(open_page, light_server: str, paper: str) -> None:
    page = open_page("about:blank", java_script_enabled=False)
    page.goto(f"{light_server}/print")
    assert pages(page.pdf(**PAPER[paper])) == 9


def test_notes_break_no_sheet_in_more_than_two(open_page, light_server: str) -> None:
    page = open_page("about:blank")
    page.goto(f"{light_server}/print?notes=yes")
    assert 9 <= pages(page.pdf(prefer_css_page_size=True)) <= 11


def test_nothing_is_cut_and_stills_are_seen(open_page, light_server: str) -> None:
    page = open_page("about:blank", color_scheme="dark")
    page.goto(f"{light_server}/print")
    page.emulate_media(media="print")
    assert page.evaluate(CUT) == []
    for still in page.locator(".still img").all():
        box = still.bounding_box()
        assert box
        assert min(box["width"], box["height"]) > 150
    assert page.locator(".screen").is_hidden()
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


def test_a_short_address_leads_to_its_slide(open_page, light_server: str) -> None:
    page = open_page("about:blank")
    page.goto(f"{light_server}/print")
    page.locator(".sheet[data-number='4'] .address").click()
    page.wait_for_url(re.compile(r"/slides/4$"))
    assert page.locator(".slide").get_attribute("data-number") == "4"
