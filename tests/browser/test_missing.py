"""Browsers that lack something: the rest of the deck goes on working."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Open

NO_STORAGE = """for (const kind of ["localStorage", "sessionStorage"]) Object.defineProperty(
  window, kind, { get() { throw new DOMException("Forbidden", "SecurityError"); } });"""
NO_CHANNEL = "delete window.BroadcastChannel;"
REFUSED_CHANNEL = """window.BroadcastChannel = class {
  constructor() { throw new DOMException("Forbidden", "SecurityError"); } };"""
NO_IDLE = (
    "delete window.requestIdleCallback; delete window.visualViewport; delete navigator.clipboard;"
)
LACKS = {
    "storage": NO_STORAGE,
    "channel": NO_CHANNEL,
    "refused": REFUSED_CHANNEL,
    "all": NO_STORAGE + NO_CHANNEL + NO_IDLE,
}


def lacking(open_page: Open, lack: str, path: str) -> Page:
    page = open_page("/about")
    page.add_init_script(LACKS[lack])
    page.goto(path)
    return page


@pytest.mark.parametrize("lack", LACKS)
def test_the_deck_turns_plays_and_goes_back(open_page, lack: str) -> None:
    page = lacking(open_page, lack, "/slides/3")
    expect(page.locator(".fact-tabs button").first).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator(".slide")).to_have_attribute("data-number", "4")
    page.wait_for_selector(".frame", state="attached", timeout=30_000)
    page.go_back()
    expect(page.locator(".slide")).to_have_attribute("data-number", "3")
    expect(page).to_have_url(re.compile("/slides/3"))
    page.locator("[data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", re.compile("dark|light"))


@pytest.mark.parametrize("lack", LACKS)
def test_a_setting_holds_until_the_page_is_left(open_page, lack: str) -> None:
    page = lacking(open_page, lack, "/slides/3")
    page.keyboard.press("?")
    page.get_by_label("Play by itself on arriving with Space").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("PageDown")
    expect(page.locator(".slide")).to_have_attribute("data-number", "4")
    page.wait_for_timeout(600)
    assert page.locator(".frame").count() == 0


@pytest.mark.parametrize("lack", LACKS)
def test_the_presenter_view_lives(open_page, lack: str) -> None:
    page = lacking(open_page, lack, "/presenter")
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(page.locator("[data-timer]")).to_have_text(re.compile(r"0:0[1-9]"))
    expect(page.locator("[data-alone]")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("[data-where]")).to_have_text("Slide 1 of 8")


def test_a_link_that_cannot_be_copied_is_shown(open_page) -> None:
    page = lacking(open_page, "all", "/slides/4?demo=noising")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("[data-copy]").click()
    expect(page.locator(".report")).to_contain_text("/slides/4?demo=noising&image=3&seed=0")
