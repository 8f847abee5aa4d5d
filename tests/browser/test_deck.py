"""Walking the deck: slides in place, end states kept, Plays cancelled, windows and dialogs."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect

DONE = ".frame.current[data-done]"


def slide(page: Page, number: int) -> None:
    expect(page.locator(".slide")).to_have_attribute("data-number", str(number))


def active(server: str) -> int:
    try:
        with urllib.request.urlopen(f"{server}/readyz", timeout=5) as answer:
            return int(json.load(answer)["active"])
    except urllib.error.HTTPError as refusal:  # not ready, but it still counts
        return int(json.load(refusal)["active"])


def test_space_walks_from_the_cover_through_all_slides(open_page) -> None:
    page = open_page("/")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    for number in range(1, 9):
        page.keyboard.press("Space")
        slide(page, number)
        expect(page).to_have_title(re.compile(rf"^{number} · "))
        expect(page).to_have_url(re.compile(rf"/slides/{number}"))
        expect(page.locator("#announcer")).to_contain_text(f"Slide {number} of 8")
        expect(page.locator(".counter")).to_have_text(f"{number} / 8")
        assert page.locator(".strip .lit").count() == 1
    page.keyboard.press("Space")
    slide(page, 8)


def test_arriving_by_space_plays_and_going_back_replays_nothing(open_page) -> None:
    page = open_page("/slides/3")
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url) if "/play" in r.url else None)
    page.keyboard.press("Space")
    slide(page, 4)
    page.wait_for_selector(DONE, state="attached")
    picture = page.locator(".frame.current img").first.get_attribute("src")
    assert len(requests) == 1
    page.keyboard.press("Space")
    slide(page, 5)
    page.keyboard.press("Shift+Space")
    slide(page, 4)
    assert page.locator(".frame.current img").first.get_attribute("src") == picture
    assert len([url for url in requests if "/slides/4/" in url]) == 1
    page.keyboard.press("Home")
    slide(page, 0)


def test_the_switch_and_reduced_motion_keep_slides_still(open_page) -> None:
    page = open_page("/slides/3")
    page.keyboard.press("?")
    page.get_by_label("Play by itself on arriving with Space").uncheck()
    page.keyboard.press("Escape")
    page.locator("#deck").focus()
    page.keyboard.press("Space")
    slide(page, 4)
    page.wait_for_timeout(500)
    assert page.locator(".frame").count() == 0
    calm = open_page("/slides/3", reduced_motion="reduce")
    calm.keyboard.press("Space")
    slide(calm, 4)
    calm.wait_for_timeout(500)
    assert calm.locator(".frame").count() == 0


def test_leaving_a_slide_cancels_its_play(open_page, server: str) -> None:
    page = open_page("/slides/5?demo=race")
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame", state="attached")  # the first family's: others are slower
    assert active(server) >= 1
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    page.keyboard.press("Space")
    slide(page, 6)
    for _ in range(50):
        if active(server) == 0:
            break
        page.wait_for_timeout(50)
    assert active(server) == 0


def test_a_link_opens_the_same_picture(open_page) -> None:
    page = open_page("/slides/1?demo=prior")
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE, state="attached")
    picture = page.locator(".frame.current img").first.get_attribute("src")
    address = page.url
    assert re.search(r"[?&]seed=\d+", address)
    other = open_page(address)
    other.wait_for_selector(DONE, state="attached")
    assert other.locator(".frame.current img").first.get_attribute("src") == picture


def test_overview_jump_help_and_blackout(open_page) -> None:
    page = open_page("/slides/2")
    page.keyboard.press("o")
    expect(page.locator("#overview")).to_be_visible()
    page.locator("#overview a[data-slide='6']").click()
    slide(page, 6)
    page.keyboard.press("g")
    page.locator("#jump input").fill("3")
    page.keyboard.press("Enter")
    slide(page, 3)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("b")
    expect(page.locator("#blackout")).to_be_visible()
    page.keyboard.press(".")
    expect(page.locator("#blackout")).to_be_hidden()


def test_the_presenter_view_follows_and_leads(open_page) -> None:
    page = open_page("/slides/2")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    presenter = popup.value
    expect(presenter.locator("article:not([hidden]) h1")).to_have_text("GANs: The Adversarial Game")
    expect(presenter.locator("[data-next]")).to_contain_text("Normalizing Flows")
    page.bring_to_front()
    page.keyboard.press("PageDown")
    expect(presenter.locator("article:not([hidden]) h1")).to_contain_text("Normalizing Flows")
    presenter.get_by_role("button", name="Back", exact=True).click()
    slide(page, 2)


def test_the_theme_is_kept(open_page) -> None:
    page = open_page("/", color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).color")
    page.locator("[data-theme-switch]").click()
    dark = page.evaluate("getComputedStyle(document.body).color")
    assert dark != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).color") == dark


def test_the_browser_back_button_works(open_page) -> None:
    page = open_page("/slides/1")
    page.keyboard.press("End")
    slide(page, 8)
    page.go_back()
    slide(page, 1)


def test_a_swipe_turns_the_page(open_page) -> None:
    page = open_page("/slides/1", has_touch=True, viewport={"width": 390, "height": 844})
    page.evaluate(
        """() => {
          const target = document.querySelector("h1");
          const at = (x) => new Touch({ identifier: 1, target, clientX: x, clientY: 60 });
          const fire = (type, x, touches) => target.dispatchEvent(new TouchEvent(type,
            { bubbles: true, touches: touches ? [at(x)] : [], changedTouches: [at(x)] }));
          fire("touchstart", 320, true);
          fire("touchend", 90, false);
        }"""
    )
    slide(page, 2)


@pytest.mark.parametrize("demo", ["/slides/1?demo=prior", "/slides/4?demo=noising"])
def test_without_javascript_play_answers_a_page(open_page, demo: str) -> None:
    page = open_page(demo, java_script_enabled=False)
    assert page.locator(".facts section").count() >= 3
    page.locator("[data-play]").click()
    assert page.locator(".frame[data-done] img").count() >= 1
    assert page.locator("h1").is_visible()
    page.locator("[data-go='next']").click()
    assert re.search(r"/slides/[25]", page.url)
