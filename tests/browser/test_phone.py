"""On a phone: a Play's result comes into view, no keys are named, the table can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.stand_ins import StandIn

LOW = {"viewport": {"width": 390, "height": 500}, "reduced_motion": "reduce"}
PHONE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".comparison :is(th, td, td *)")]
  .filter(e => e.checkVisibility() && !e.closest("[popover]"))
  .map(e => parseFloat(getComputedStyle(e).fontSize)))"""


def played(page: Page, address: str) -> Page:
    page.goto(f"{address}/slides/1")
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("Enter")
    return page


def finish(page: Page) -> None:
    page.wait_for_selector(".frame.current[data-done]", state="attached")


def test_the_result_of_a_play_is_brought_into_view_once(open_page, light_server: str) -> None:
    page = played(open_page("about:blank", **LOW), light_server)
    finish(page)
    box = page.locator(".frame.current .result").bounding_box()
    bar = page.locator(".tools").bounding_box()
    assert page.evaluate("scrollY") > 0
    assert box
    assert bar
    assert box["y"] + box["height"] <= bar["y"]
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("r")
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == 0


def test_who_scrolls_during_a_play_stays_there(
    open_page, light_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandIn, "pause", 1.0)
    page = open_page("about:blank", **LOW)
    page.goto(f"{light_server}/slides/1")
    page.evaluate(
        """() => { document.querySelector("[data-play]").click();
          dispatchEvent(new WheelEvent("wheel")); }"""
    )
    finish(page)
    assert page.evaluate("scrollY") == 0


def test_a_wide_window_stays_where_it_is(open_page, light_server: str) -> None:
    page = played(open_page("about:blank", reduced_motion="reduce"), light_server)
    finish(page)
    assert page.evaluate("scrollY") == 0


def test_without_keys_none_are_named(open_page, light_server: str) -> None:
    for options, shown in ((PHONE, False), ({}, True)):
        page = open_page("about:blank", **options)
        page.goto(light_server)
        expect(page.locator(".begin .by-key")).to_be_visible(visible=shown)


def test_the_table_can_be_read_and_scrolls_in_its_box(open_page, light_server: str) -> None:
    page = open_page("about:blank", **PHONE)
    page.goto(f"{light_server}/slides/5")
    assert page.evaluate(SMALLEST) >= 13
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator(".table-box")
    first = page.locator(".comparison tbody th").first
    before = first.bounding_box()["x"]
    box.evaluate("b => b.scrollTo(999, 0)")
    assert first.bounding_box()["x"] == pytest.approx(before, abs=1)
    last = page.locator(".comparison tbody tr").first.locator("td").last.bounding_box()
    assert last["x"] + last["width"] <= 390
