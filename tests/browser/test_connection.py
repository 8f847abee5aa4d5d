"""A Play whose connection is lost, refused, or answered by somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.cable import Cable
from tests.support.streams import frame, stream

DONE = ".frame.current[data-done]"
PLAY = "**/play?*"
EVENTS = "text/event-stream"
PORTAL = "<!doctype html><title>Hotel</title><h1>Please log in</h1>"
NOTE_WHAT_IS_SAID = """addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("announcer");
  window.said = [];
  new MutationObserver(() => window.said.push(box.textContent)).observe(box, { childList: true });
});"""
Answer = Callable[[Route], None]


def sent(body: str, kind: str = EVENTS, status: int = 200) -> Answer:
    return lambda route: route.fulfill(status=status, content_type=kind, body=body)


def lost(route: Route) -> None:
    route.abort("connectionreset")


def steps(page: Page) -> list[int]:
    shown = page.eval_on_selector_all(".frame", "all => all.map(f => f.dataset.step)")
    return [int(step) for step in shown]


@pytest.fixture
def answered(open_page, troubles: list[str]):
    """A slide whose Plays are answered as the test says, one answer after the other."""
    asked: list[dict[str, str]] = []
    pages: list[Page] = []

    def start(*answers: Answer) -> tuple[Page, list[dict[str, str]]]:
        page = open_page("/about")
        pages.append(page)
        left = list(answers)

        def handle(route: Route) -> None:
            asked.append(route.request.headers)
            (left.pop(0) if len(left) > 1 else left[0])(route)

        page.route(PLAY, handle)
        page.add_init_script(NOTE_WHAT_IS_SAID)
        page.goto("/slides/4?demo=noising")
        page.keyboard.press("Enter")
        return page, asked

    yield start
    for page in pages:
        page.close()  # or it would go on asking
    troubles.clear()  # the browser itself reports what did not come


@pytest.mark.parametrize(
    "answer", [lost, sent("gone", "text/plain", 502), sent(PORTAL, "text/html")]
)
def test_trouble_before_the_first_frame_is_said_and_retried(answered, answer: Answer) -> None:
    page, asked = answered(answer, answer, sent(stream(range(3), 2)))
    trouble = page.locator("[data-trouble]")
    expect(trouble).to_be_visible()
    expect(trouble).to_contain_text(re.compile("connection|answered"))
    expect(page.locator("#announcer")).to_contain_text(re.compile("connection|answered"))
    assert page.get_by_text("Please log in").count() == 0
    assert page.locator("[data-empty]").bounding_box(), "the stage has collapsed"
    trouble.get_by_role("button", name="Retry").click()
    page.wait_for_selector(DONE, state="attached")
    expect(trouble).to_be_hidden()
    assert steps(page) == [0, 1, 2]
    assert len(asked) >= 2


def test_a_stream_that_breaks_goes_on_where_it_was(answered) -> None:
    half = sent(stream(range(3), 5))
    page, asked = answered(half, lost, sent(stream(range(2, 6), 5)))
    page.wait_for_selector(".frame >> nth=2", state="attached")
    page.wait_for_selector(DONE, state="attached", timeout=20_000)
    assert steps(page) == [0, 1, 2, 3, 4, 5]
    assert sum("connection" in text for text in page.evaluate("window.said")) == 1
    assert [headers.get("last-event-id") for headers in asked] == [None, "2", "2"]
    expect(page.locator("[data-trouble]")).to_be_hidden()
    expect(page.locator("[data-counter]")).to_have_text("5 / 5")


def test_retry_does_not_wait_for_the_pause(answered) -> None:
    page, asked = answered(sent(stream(range(2), 3)), lost, lost, lost, sent(stream([2, 3], 3)))
    button = page.get_by_role("button", name="Retry")
    for count in (2, 3, 4, 5):
        expect(button).to_be_visible()
        button.click(no_wait_after=True)
        page.wait_for_timeout(50)
        if page.locator(DONE).count():
            break
        assert len(asked) <= count + 1
    page.wait_for_selector(DONE, state="attached", timeout=1000)
    assert steps(page) == [0, 1, 2, 3]
    assert not page.locator("body").evaluate("b => b === document.activeElement")


def test_the_pauses_grow(answered) -> None:
    page, asked = answered(lost)
    expect(page.locator("[data-trouble]")).to_be_visible()
    page.clock.install()
    page.get_by_role("button", name="Retry").click()
    waits: list[int] = []
    for count in range(2, 6):
        before, wait = len(asked), 0
        page.wait_for_timeout(100)  # the answer comes, and with it the next pause
        while len(asked) == before and wait < 60_000:
            page.clock.run_for(250)
            wait += 250
        waits.append(wait)
        assert len(asked) == count + 1
    assert waits == sorted(set(waits))


def test_frames_without_an_id_start_afresh(answered) -> None:
    page, _ = answered(sent(stream(range(3), 4, ids=False)), sent(stream(range(5), 4, ids=False)))
    page.wait_for_selector(DONE, state="attached", timeout=20_000)
    assert steps(page) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/octet-stream"])
def test_a_stream_under_a_wrong_name_is_a_stream(answered, kind: str) -> None:
    page, asked = answered(sent(stream(range(3), 2), kind))
    page.wait_for_selector(DONE, state="attached")
    assert steps(page) == [0, 1, 2]
    assert "data:" not in page.locator("#stage").inner_text()
    assert len(asked) == 1


def test_a_whole_page_with_the_last_frame_is_shown(answered) -> None:
    whole = f"<!doctype html><title>4</title><ol>{frame(2, 2, 'The end.')}</ol>"
    page, _ = answered(sent(whole, "text/html"))
    page.wait_for_selector(DONE, state="attached")
    expect(page.locator(".frame")).to_have_count(1)
    expect(page.locator(".frame.current")).to_contain_text("The end.")


def test_a_slide_that_is_left_asks_no_more(answered) -> None:
    page, asked = answered(lost)
    expect(page.locator("[data-trouble]")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.locator(".slide")).to_have_attribute("data-number", "5")
    page.clock.install()
    page.clock.run_for(60_000)
    assert [ask for ask in asked if "/slides/4" in ask["hx-current-url"]] == asked[:1]
    page.keyboard.press("PageUp")
    expect(page.locator("[data-trouble]")).to_be_hidden()
    expect(page.locator("[data-empty] .scene")).to_be_visible()


def test_the_network_is_lost_in_the_middle_of_a_real_play(
    open_page, server: str, troubles: list[str]
) -> None:
    with Cable(int(server.rsplit(":", 1)[1])) as cable:
        page = open_page(f"{cable.address}/slides/4?demo=denoise&num_steps=40")
        cable.hold(b"/play?", 200_000)
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelectorAll('.frame').length > 2")
        cable.pull()
        cable.release()
        trouble = page.locator("[data-trouble]")
        expect(trouble).to_contain_text("connection")
        cable.plug()
        trouble.get_by_role("button", name="Retry").click()
        page.wait_for_selector(DONE, state="attached", timeout=60_000)
        shown = steps(page)
        assert shown == sorted(set(shown))
        expect(trouble).to_be_hidden()
    troubles.clear()


def test_pages_load_while_many_plays_of_one_browser_run(
    open_page, server: str, troubles: list[str]
) -> None:
    with Cable(int(server.rsplit(":", 1)[1])) as cable:
        first = open_page(f"{cable.address}/about")
        cable.hold(b"/play?")
        windows = [first.context.new_page() for _ in range(7)]
        for seed, window in enumerate(windows):
            address = f"{cable.address}/slides/4?demo=denoise&num_steps=2&seed={seed}"
            window.goto(address, wait_until="commit")
        for window in windows:
            window.wait_for_selector("[data-counter]:not(:empty)")
        first.wait_for_timeout(500)
        assert cable.holding, "no Play asked"
        first.goto(f"{cable.address}/slides/1")
        expect(first.locator(".slide")).to_have_attribute("data-number", "1")
        assert not any(window.locator(DONE).count() for window in windows)
        cable.release()
        for window in windows:
            window.wait_for_selector(DONE, state="attached", timeout=60_000)
    troubles.clear()


def test_plays_that_wait_for_each_other_all_end(open_page) -> None:
    first = open_page("/about")
    windows = [first.context.new_page() for _ in range(6)]
    for number, window in enumerate(windows):
        window.goto(f"/slides/4?demo=noising&image={number}&seed=0", wait_until="commit")
    for window in windows:
        window.wait_for_selector(DONE, state="attached", timeout=60_000)
