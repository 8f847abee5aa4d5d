"""The status page: it fits, it can be used and heard, and its button runs every Play."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.support.demos import DEMOS

SIZES = [(1920, 1080), (1280, 720), (390, 844)]
RUN_MS = 400_000
CLIPPED = """() => [...document.querySelectorAll("h1, h2, p, li, a, dt, dd, span, button")]
  .filter(e => e.offsetParent && !e.closest(".visually-hidden, .icon"))
  .filter(e => e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== "inline")
  .map(e => e.className + ": " + e.textContent.trim().slice(0, 60))"""


def serious(page: Page) -> list[object]:
    found = Axe().run(page).response["violations"]
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    return [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in bad]


def check(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CLIPPED) == []


@pytest.mark.timeout(400)
def test_the_button_runs_every_play(open_page) -> None:
    page = open_page("/status")
    button = page.get_by_role("button", name="Run every Play once")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-state='running']")).to_have_count(1)
    expect(page.locator("[data-announcer]")).to_have_text("The Plays are being tried.")
    expect(page.locator("[data-state='running'] .outcome")).to_contain_text("running, ")
    expect(page.locator("[data-state='ready']")).to_have_count(len(DEMOS), timeout=RUN_MS)
    for outcome in page.locator(".outcome").all_inner_texts():
        assert outcome.startswith("ready, ")
    expect(page.locator(".answer")).to_have_text("Yes")
    expect(page.locator("[data-announcer]")).to_contain_text("Yes. Every Play has run")
    assert button.evaluate("b => b === document.activeElement")
    expect(page.locator(".steps li")).not_to_have_count(0)

    # The same page, with everything on it, at all sizes.
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        check(page, width)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert serious(page) == []


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_before_anything_ran(open_page, size: tuple[int, int]) -> None:
    page = open_page("/status", viewport={"width": size[0], "height": size[1]})
    check(page, size[0])
    assert serious(page) == []


def test_it_is_asked_anew_and_says_only_what_changed(open_page) -> None:
    page = open_page("/status")
    # What is said may change while this looks on, as when the warm-up comes to its end.
    page.evaluate("""() => { const announcer = document.querySelector("[data-announcer]");
      window.said = [announcer.textContent];
      new MutationObserver(() => window.said.push(announcer.textContent))
        .observe(announcer, { childList: true }); }""")
    await_answers(page)
    assert repeated(page.evaluate("window.said")) == []

    board = re.sub(
        'data-spoken="[^"]*"', 'data-spoken="Something else."', page.inner_html("#board")
    )
    page.route("**/status", lambda route: route.fulfill(body=board, content_type="text/html"))
    expect(page.locator("[data-announcer]")).to_have_text("Something else.")
    await_answers(page)
    said = page.evaluate("window.said")
    assert said[-1] == "Something else."
    assert repeated(said) == []


def await_answers(page: Page) -> None:
    """Wait until the page has asked twice and has shown the answers."""
    for _ in range(2):
        with page.expect_response("**/status") as answer:
            pass
        assert answer.value.request.headers["hx-request-type"] == "partial"
    page.wait_for_timeout(200)


def repeated(said: list[str]) -> list[str]:
    """What was said twice in a row."""
    return [before for before, after in pairwise(said) if before == after]


def test_a_silent_server_is_told_in_words(open_page, troubles: list[str]) -> None:
    page = open_page("/status")
    silent = page.locator("[data-silent]")
    expect(silent).to_be_hidden()

    def refuse(route: Route) -> None:
        route.fulfill(status=502, body="<h1>Bad gateway</h1>")

    page.route("**/status", refuse)
    expect(silent).to_be_visible()
    expect(silent).to_contain_text("The server does not answer")
    expect(page.locator(".answer")).to_be_visible()
    expect(page.get_by_role("heading", name="Bad gateway")).to_have_count(0)
    page.unroute("**/status")
    page.route("**/status", lambda route: route.abort())
    page.wait_for_timeout(2500)
    expect(silent).to_be_visible()
    page.unroute("**/status")
    expect(silent).to_be_hidden()
    # The browser tells of both answers, htmx of the one that never came.
    assert all("Failed to load resource" in t or "htmx:error" in t for t in troubles)
    troubles.clear()


def test_a_refusal_is_told_with_its_reason(open_page, troubles: list[str]) -> None:
    page = open_page("/status")
    refused = page.locator("[data-refused]")
    expect(refused).to_be_hidden()

    def through_a_proxy(route: Route) -> None:
        """As the server sees it behind a proxy that sends its own name as Host."""
        sent = {k: v for k, v in route.request.headers.items() if not k.startswith("sec-fetch")}
        route.fulfill(response=route.fetch(headers={**sent, "origin": "https://deck.example.org"}))

    page.route("**/status/warm-up", through_a_proxy)
    page.reload()  # a page opened before might still ask past the route
    page.get_by_role("button", name="Run every Play once").click()
    expect(refused).to_be_visible()
    expect(refused).to_contain_text("GMFT_PUBLIC_ORIGIN=https://deck.example.org")
    await_answers(page)
    expect(refused).to_be_visible()
    assert serious(page) == []
    assert all("403" in trouble for trouble in troubles)
    troubles.clear()
