"""Break it: one tap there, one back, by keyboard and without a script, and it is said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.test_access import SAID
from tests.support.demos import DEMOS

if TYPE_CHECKING:
    from playwright.sync_api import Page

DENOISE = next(demo for demo in DEMOS if demo.name == "denoise")
SHOWN = ".frame.current[data-done]"


def ended(page: Page) -> None:
    expect(page.locator("[data-counter]")).to_have_text(re.compile(r"^(\d+) / \1$"))


def test_one_tap_breaks_it_and_the_next_mends_it(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&num_steps=5&guidance_scale=1")
    link, hint, steps = (
        page.locator(s) for s in ("[data-break]", "[data-hint]", "input[name='num_steps']")
    )
    expect(hint).to_have_text(DENOISE.hint)
    link.click()
    expect(link).to_have_text("Mend it")
    expect(hint).to_have_text(DENOISE.look)
    expect(steps).to_have_value("2")
    expect(page.locator("[data-counter]")).to_have_text("2 / 2")
    expect(page).to_have_url(re.compile("num_steps=2&"))
    expect(page.locator("input[name='guidance_scale']")).to_have_value("1")  # as it was chosen
    link.click()
    expect(link).to_have_text("Break it")
    expect(hint).to_have_text(DENOISE.hint)
    expect(steps).to_have_value("20")
    expect(page.locator("[data-counter]")).to_have_text("20 / 20")


def test_who_moves_the_slider_away_has_mended_it(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&num_steps=2&prompt=bald")
    expect(page.locator("[data-break]")).to_have_text("Mend it")
    page.locator("[data-more] summary").click()
    page.locator("input[name='num_steps']").fill("3")
    expect(page.locator("[data-break]")).to_have_text("Break it")
    expect(page.locator("[data-hint]")).to_have_text(DENOISE.hint)


def test_it_is_pressed_by_keyboard_and_said(open_page) -> None:
    page = open_page("/slides/4?demo=denoise")
    page.evaluate(SAID)
    page.locator("[data-break]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(SHOWN, timeout=60_000)
    assert f"Play started. {DENOISE.look}" in page.evaluate("window.said")
    expect(page.locator("[data-break]")).to_be_focused()


def test_without_a_script_it_is_a_link_there_and_back(server: str, browser) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/slides/4?demo=denoise&seed=5&guidance_scale=1")
    page.get_by_role("link", name="Break it").click()
    expect(page.locator(".frame[data-done]")).to_have_count(1)
    expect(page.locator("[data-hint]")).to_have_text(DENOISE.look)
    assert "num_steps=2" in page.url
    assert "seed=5" in page.url
    page.get_by_role("link", name="Mend it").click()
    expect(page.locator("[data-hint]")).to_have_text(DENOISE.hint)
    assert "num_steps=20" in page.url
    context.close()


def test_the_collapsed_twin_is_one_tap_away(open_page) -> None:
    page = open_page("/slides/2?demo=fresh")
    page.locator("[data-break]").click()
    page.wait_for_selector(SHOWN, timeout=60_000)
    expect(page).to_have_url(re.compile("trained=collapsed"))
    expect(page.locator("select[name='trained']")).to_have_value("collapsed")
    ended(page)
