"""The pin: it holds a picture with what that was asked with, whatever the controls say now."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

SHOWN = ".frame.current[data-done]"
BOAT = "/slides/7?demo=prompt&num_steps=4&seed=5&prompt=a+boat"


def pin_of(page: Page) -> str:
    return parse_qs(parse_qs(urlsplit(page.url).query)["pin"][0])["prompt"][0]


def test_a_pin_holds_what_its_picture_was_asked_with(open_page) -> None:
    page = open_page("/about")
    # The castle is asked for, and never comes.
    page.route("**/play?*", lambda r: None if "castle" in r.request.url else r.continue_())
    page.goto(BOAT)
    page.wait_for_selector(SHOWN, timeout=60_000)
    boat = page.locator(".frame.current .result img").first.get_attribute("src") or ""
    page.locator("input[name='prompt']").fill("a castle at night")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    label = page.locator("[data-pinned-label]")
    expect(label).to_have_text("Pinned")
    assert pin_of(page) == "a boat"
    assert "castle" not in page.url
    page.keyboard.press("i")
    assert "pin=" not in page.url
    page.keyboard.press("Enter")
    expect(page.locator(".report")).to_have_text("Asking …")
    page.keyboard.press("i")
    expect(label).to_have_text("Pinned: prompt a boat")
    expect(page.locator(".pinned .result img").first).to_have_attribute("src", boat)
    assert pin_of(page) == "a boat"
    assert "prompt=a+castle+at+night" in page.url


def test_where_nothing_can_be_pinned_it_is_said(open_page) -> None:
    page = open_page("/slides/1?demo=reconstruct")
    page.keyboard.press("i")
    for place in (".report", "#announcer"):
        expect(page.locator(place)).to_contain_text("There is no picture to pin yet")
    expect(page.locator(".pinned")).to_be_hidden()
