"""Turning pages: every press counts; slide, address, history agree, online and offline."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

SLIDES = re.compile(r"/slides/\d$")


def slide(page: Page, number: int) -> None:
    expect(page.locator(".slide")).to_have_attribute("data-number", str(number))
    expect(page).to_have_url(re.compile(rf"/slides/{number}\b" if number else r":\d+/$"))


def slow(page: Page, seconds: float = 0.15) -> None:
    """Every slide comes late, as over a hall's Wi-Fi, from the next address opened on."""

    def late(route: Route) -> None:
        time.sleep(seconds)
        route.continue_()

    page.route(SLIDES, late)  # a page opened before might still ask past the route


def press_at_once(page: Page, count: int) -> None:
    page.evaluate(
        """count => { for (let i = 0; i < count; i += 1) dispatchEvent(
          new KeyboardEvent("keydown", { key: " ", code: "Space", cancelable: true })); }""",
        count,
    )


def play_requests(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/play?" in r.url else None)
    return asked


def test_two_presses_over_a_slow_network_both_count(open_page) -> None:
    page = open_page("/about")
    asked = play_requests(page)
    slow(page)
    page.goto("/")
    press_at_once(page, 2)
    slide(page, 2)
    page.wait_for_selector(".frame", state="attached")
    assert len(asked) == 1
    assert "/slides/2/" in asked[0]
    page.go_back()
    slide(page, 0)
    page.go_forward()
    slide(page, 2)


def test_ten_presses_at_once_arrive_at_the_end(open_page) -> None:
    page = open_page("/")
    asked = play_requests(page)
    press_at_once(page, 10)
    slide(page, 8)
    page.wait_for_selector(".frame", state="attached", timeout=30_000)
    assert len(asked) == 1
    page.keyboard.press("ArrowLeft")
    slide(page, 7)
    page.reload()
    slide(page, 7)


def test_slides_that_are_passed_by_do_not_play(open_page) -> None:
    page = open_page("/slides/1")
    asked = play_requests(page)
    page.clock.install()  # its time stands still: four presses within a moment
    page.clock.pause_at(time.time() + 60)
    for number in range(2, 6):
        page.keyboard.press("Space")
        expect(page.locator(".slide")).to_have_attribute("data-number", str(number))
    assert asked == []
    page.clock.run_for(1000)
    page.wait_for_selector(".frame", state="attached", timeout=30_000)
    assert [re.findall(r"/slides/(\d)", url)[0] for url in asked] == ["5"]


def test_back_during_a_slow_turn_and_forth_again(open_page) -> None:
    page = open_page("/slides/3")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    page.keyboard.press("End")
    slide(page, 8)
    slow(page, 0.4)
    page.reload()
    page.go_back()  # slide 3 is on its way
    page.keyboard.press("PageDown")
    slide(page, 4)
    page.go_back()
    slide(page, 3)
    page.reload()
    slide(page, 3)


def test_the_browsers_history_and_the_tabs_agree(open_page) -> None:
    page = open_page("/slides/1?demo=reconstruct")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    page.keyboard.press("PageDown")
    slide(page, 2)
    page.keyboard.press("PageUp")
    page.locator(".tabs a", has_text="Interpolate").click()
    expect(page).to_have_url(re.compile("demo=interpolate"))
    page.go_back()
    slide(page, 2)
    page.go_back()
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", "interpolate")
    expect(page).to_have_url(re.compile("demo=interpolate"))


def test_back_to_a_page_of_its_own_shows_it(open_page) -> None:
    page = open_page("/about")
    page.keyboard.press("PageDown")
    slide(page, 1)
    page.keyboard.press("Home")
    slide(page, 0)
    expect(page.locator("h1")).to_contain_text("Family")
    page.go_back()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Credits and model cards")


@pytest.mark.parametrize("refused", ["offline", "502", "portal"])
def test_a_page_that_does_not_come_leaves_the_deck(open_page, troubles, refused: str) -> None:
    page = open_page("/about")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    answers = {
        "offline": lambda route: route.abort("internetdisconnected"),
        "502": lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"),
        "portal": lambda route: route.fulfill(content_type="text/html", body="<h1>Log in</h1>"),
    }
    page.route(SLIDES, lambda r: answers[refused](r) if r.request.url[-1] == "8" else r.continue_())
    page.goto("/slides/3")  # a page opened before might still ask past the route
    page.evaluate("window.same = true")
    page.keyboard.press("End")
    expect(page.locator("#notice")).to_contain_text("Slide 8 did not come")
    expect(page.locator("#announcer")).to_contain_text("Slide 8 did not come")
    slide(page, 3)
    page.unroute(SLIDES)
    page.get_by_role("button", name="Retry").click()
    slide(page, 8)
    expect(page.locator("#notice")).to_be_hidden()
    assert page.evaluate("window.same"), "the page was loaded anew"
    troubles.clear()  # the browser itself reports what did not come


def test_neighbours_are_there_before_they_are_asked_for(open_page, troubles) -> None:
    page = open_page("/about")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    came: list[str] = []
    page.on("requestfinished", lambda r: came.append(r.url) if SLIDES.search(r.url) else None)
    page.goto("/slides/4")
    deadline = time.monotonic() + 15
    while len({url[-1] for url in came} & {"3", "5"}) < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    page.context.set_offline(True)
    page.keyboard.press("PageDown")
    slide(page, 5)
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    slide(page, 3)
    page.keyboard.press("PageUp")
    expect(page.locator("#notice")).to_contain_text("Slide 2 did not come")
    slide(page, 3)
    page.context.set_offline(False)
    troubles.clear()


def test_a_tracker_leaves_the_address(open_page) -> None:
    page = open_page("/?utm_source=moodle&fbclid=x")
    assert page.url.endswith("/")
    page.goto("/slides/4?demo=noising&image=7")
    page.evaluate("history.replaceState({}, '', location.href + '&gclid=1')")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    slide(page, 4)
    expect(page).to_have_url(re.compile(r"\?demo=noising&image=7$"))


def test_the_text_follows_the_play(open_page) -> None:
    page = open_page("/slides/3?demo=tokens")
    chosen = page.locator(".fact-tabs [aria-selected='true']")
    expect(chosen).to_have_text("Autoregressive")
    page.locator(".tabs a", has_text="How likely?").click()
    expect(chosen).to_have_text("Flows")
    page.locator(".tabs a", has_text="Finish the face").click()
    expect(chosen).to_have_text("Autoregressive")
    expect(page.locator(".facts > section.chosen h2")).to_have_text("Autoregressive")
