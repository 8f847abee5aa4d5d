"""Controls: they agree with the picture, say when they do nothing, and make a link that works."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.support.more import open_more

if TYPE_CHECKING:
    from tests.browser.conftest import Open

SIZES = [(1920, 1080), (1280, 720)]


def test_controls_show_what_they_hold_after_a_reload_and_back(open_page) -> None:
    page = open_page("/slides/4?demo=denoise")
    open_more(page)
    page.locator("input[name='num_steps']").fill("77")
    page.reload()
    for _ in range(2):
        held = page.locator("input[name='num_steps']").input_value()
        expect(page.locator("label:has([name='num_steps']) [data-value]")).to_have_text(held)
        assert held == "20"
        page.goto("/slides/4?demo=noising")
        page.locator("input[name='image']").fill("9")
        page.goto("/about")
        page.go_back()
        face = page.locator("input[name='image']").input_value()
        expect(page.locator("[data-thumb]")).to_have_attribute("src", f"/gallery/{face}.png")
        page.goto("/slides/4?demo=denoise")


def test_a_browser_that_keeps_old_values_shows_them(open_page) -> None:
    page = open_page("/slides/4?demo=noising")

    def kept(route) -> None:
        body = route.fetch().text().replace('max="255" value="3"', 'max="255" value="44"')
        route.fulfill(body=body, content_type="text/html")

    page.route(re.compile("/slides/4"), kept)
    page.goto("/slides/4?demo=noising")
    expect(page.locator("input[name='image']")).to_have_value("44")
    expect(page.locator("[data-thumb]")).to_have_attribute("src", "/gallery/44.png")


def test_every_control_forgets_with_its_page(open_page) -> None:
    page = open_page("/slides/4")
    fields = page.locator("form.controls [name], [data-scrub], dialog input")
    loose = fields.evaluate_all(
        """all => all.filter(e => {
          const own = e.getAttribute("autocomplete");
          return (own ?? e.form?.autocomplete) !== "off"; }).map(e => e.outerHTML)"""
    )
    assert loose == []


@pytest.fixture
def bound(open_page: Open) -> Page:
    """A slide whose prompt acts on faces alone."""
    page = open_page("/about")

    def bind(route) -> None:
        body = route.fetch().text()
        only = 'data-only="dataset=faces" data-reason="Clothes have no prompt."'
        body = body.replace(
            '<label class="control control-prompt"', f'<label class="control control-prompt" {only}'
        )
        route.fulfill(body=body, content_type="text/html")

    page.route(re.compile(r"/slides/3\?"), bind)
    page.goto("/slides/3?demo=tokens")
    return page


def test_a_control_that_does_nothing_is_disabled_and_says_why(bound: Page) -> None:
    prompt = bound.locator("input[name='prompt']")
    open_more(bound)
    expect(prompt).to_be_enabled()
    bound.get_by_label("Data").select_option("fashion")
    expect(prompt).to_be_disabled()
    expect(bound.locator(".control-prompt")).to_contain_text("Clothes have no prompt.")
    bound.get_by_label("Data").select_option("faces")
    expect(prompt).to_be_enabled()
    expect(bound.locator(".control-prompt")).not_to_contain_text("Clothes")


def test_a_link_names_the_address_under_which_the_deck_was_opened(open_page) -> None:
    page = open_page("/slides/4?demo=noising")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-copy]").click()
    expect(page.locator(".report")).to_contain_text("on this computer only")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/slides/4?demo=noising&image=3&seed=0")
    assert link.startswith(page.evaluate("location.origin"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "path", ["/slides/2?demo=mix", "/slides/3?demo=flow", "/slides/4?demo=denoise"]
)
def test_all_controls_take_one_line(open_page, path: str, size) -> None:
    page = open_page(path, viewport={"width": size[0], "height": size[1]})
    middles = page.locator("form.controls > :is(label, button), .control-group > *").evaluate_all(
        "all => all.map(e => { const r = e.getBoundingClientRect(); return r.top + r.height / 2; })"
    )
    assert max(middles) - min(middles) < 12


def test_a_play_of_one_frame_has_nothing_to_scrub(open_page) -> None:
    page = open_page("/slides/2?demo=mix")
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame.current[data-done]", state="attached", timeout=60_000)
    expect(page.locator(".frame.current")).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('.frame').length === 1")
    expect(page.locator("[data-scrub]")).to_be_disabled()
    expect(page.locator("[data-pause]")).to_be_disabled()
