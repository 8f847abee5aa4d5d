"""The prompt as the model reads it, below its control, while one types."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.look import at_all_sizes, check_page, sized
from tests.support.more import open_more

SAID = """() => { const box = document.getElementById("announcer"); window.said = [];
  new MutationObserver(() => window.said.push(box.textContent))
    .observe(box, { childList: true, characterData: true, subtree: true }); }"""
LONG = " ".join(["a red house and a big tree"] * 7)
PLACES = ".frames, .empty, [data-play], input[name='prompt'], input[name='seed'], .strip"


def prompt(page: Page) -> Locator:
    return page.locator("input[name='prompt']")


def reading(page: Page) -> Locator:
    return page.locator(".reading")


def asked(page: Page) -> list[str]:
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url) if "/words?" in r.url else None)
    return requests


def write(page: Page, text: str, delay: float = 0) -> None:
    prompt(page).fill("")
    prompt(page).press_sequentially(text, delay=delay)


def places(page: Page) -> list[object]:
    found: list[object] = page.eval_on_selector_all(
        PLACES,
        "all => all.map(e => { const r = e.getBoundingClientRect();"
        " return [e.className || e.name, r.x, r.y, r.width, r.height]; })",
    )
    return found


def test_words_are_read_while_one_types_and_nothing_plays(open_page) -> None:
    page = open_page("/slides/7?demo=prompt")
    expect(reading(page)).to_have_text("a sunset over mountains")
    write(page, "a girl with sunglases and a dragon")
    expect(reading(page).locator(".read-as")).to_have_text("sunglases →, read as sunglasses")
    expect(reading(page).locator("s")).to_have_text("dragon (not understood)")
    expect(prompt(page)).to_be_focused()
    assert prompt(page).evaluate("e => [e.selectionStart, e.selectionEnd]") == [34, 34]
    assert page.locator(".frame").count() == 0


def test_keys_are_not_asked_about_one_by_one(open_page) -> None:
    page = open_page("/slides/7?demo=prompt")
    requests = asked(page)
    text = "a lighthouse by the sea"
    write(page, text, delay=30)
    expect(reading(page)).to_have_text(text)
    assert len(requests) < len(text) / 2  # one, unless the machine types more slowly than asked


def test_an_older_answer_never_comes_after_a_newer_one(open_page) -> None:
    page = open_page("/about")
    late: list[str] = []

    def slow(route: Route) -> None:
        if not late:
            late.append(route.request.url)
            time.sleep(1)
        route.continue_()

    page.route("**/words?*", slow)
    page.goto("/slides/7?demo=prompt")
    write(page, "a dragon")
    page.wait_for_timeout(400)  # it is asked about this, and not answered
    write(page, "a house")
    expect(reading(page)).to_have_text("a house")
    page.wait_for_timeout(1200)
    expect(reading(page)).to_have_text("a house")
    assert len(late) == 1


@pytest.mark.parametrize("size", ["hall", "laptop"])
@pytest.mark.parametrize("path", ["/slides/3?demo=tokens", "/slides/4", "/slides/7"])
def test_nothing_moves_whatever_is_typed(open_page, path: str, size: str) -> None:
    page = open_page(path, **sized(size))
    before = places(page)
    for text in ("zzz", "a sunset", LONG, "a"):
        write(page, text)
        page.wait_for_function(
            "text => document.querySelector('.reading .words-read').textContent"
            ".startsWith(text.split(' ')[0])",
            arg=text,
        )
        page.wait_for_timeout(400)
        assert places(page) == before, text
        check_page(page, size)


def test_a_prompt_of_which_nothing_is_known_says_so(open_page) -> None:
    for name, told in (
        ("prompt", "None of these words is known; the picture is drawn without a prompt."),
        ("space", "No word here is known: there is nothing to look for."),
    ):
        page = open_page(f"/slides/7?demo={name}")
        write(page, "zzz qqq")
        expect(reading(page)).to_contain_text(told)


def test_a_long_line_shows_its_end_and_can_be_reached(open_page) -> None:
    page = open_page("/slides/7?demo=prompt")
    write(page, LONG)
    expect(reading(page)).to_contain_text("The prompt is cut before")
    last = reading(page).locator(".words-read > *").last
    line = reading(page).locator(".words-read")
    expect(line).to_have_attribute("tabindex", "0")
    end, room = last.bounding_box(), line.bounding_box()
    assert end
    assert room
    assert end["x"] + end["width"] <= room["x"] + room["width"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    write(page, "a")
    expect(line).not_to_have_attribute("tabindex", "0")


def test_a_screen_reader_hears_it_after_a_pause_and_once(open_page) -> None:
    page = open_page("/slides/7?demo=space")
    page.evaluate(SAID)
    write(page, "a dragon and a", delay=60)
    expect(page.locator("#announcer")).to_have_text("Not understood: dragon.")
    prompt(page).press_sequentially(" house", delay=60)
    expect(reading(page)).to_contain_text("house")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.said") == ["Not understood: dragon."]
    write(page, "a house")
    expect(page.locator("#announcer")).to_have_text("All words are understood.")
    described = prompt(page).get_attribute("aria-describedby")
    assert page.locator(f"#{described}").count() == 1


@pytest.mark.parametrize(("slide", "demo"), [(3, "tokens"), (4, "denoise"), (6, "paths")])
def test_a_landscape_is_sent_to_slide_7_in_place(open_page, slide: int, demo: str) -> None:
    page = open_page(f"/slides/{slide}?demo={demo}")
    page.evaluate("window.here = true")
    if not prompt(page).is_visible():
        open_more(page)
    write(page, "a foggy lake")
    expect(reading(page)).to_contain_text("This model draws only faces.")
    with page.expect_request("**/slides/7/play?*") as played:
        reading(page).get_by_role("link", name="Draw it on slide 7").click()
    assert "prompt=a+foggy+lake" in played.value.url
    expect(page.locator(".slide")).to_have_attribute("data-number", "7")
    expect(prompt(page)).to_have_value("a foggy lake")
    expect(page).to_have_url(re.compile(r"/slides/7\?demo=prompt&prompt=a\+foggy\+lake"))
    assert page.evaluate("window.here"), "the page was loaded anew, which ends full screen"
    page.go_back()
    expect(page.locator(".slide")).to_have_attribute("data-number", str(slide))
    expect(prompt(page)).to_have_value("a foggy lake")


def test_the_play_says_it_too(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&num_steps=1&prompt=a+foggy+lake")
    page.locator("[data-play]").click()
    page.wait_for_selector(".frame[data-done]", state="attached", timeout=60_000)
    expect(page.locator(".report")).to_contain_text("This model draws only faces.")
    link = page.locator(".frame.current .words a")
    assert link.evaluate("e => e.pathname + e.search") == (
        "/slides/7?demo=prompt&prompt=a+foggy+lake"
    )


def test_another_data_set_reads_in_its_own_way(open_page) -> None:
    page = open_page("/slides/4?demo=denoise")
    write(page, "a plastic sneaker")
    expect(reading(page).locator("s")).to_have_text(
        ["plastic (not understood)", "sneaker (not understood)"]
    )
    open_more(page)
    page.get_by_label("Data").select_option("fashion")
    expect(reading(page).locator(".words-read > span")).to_have_text("sneaker")
    page.goto("/slides/3?demo=tokens")
    open_more(page)
    page.get_by_label("Data").select_option("fashion")
    expect(reading(page)).to_be_hidden()


def test_without_an_answer_nothing_old_is_left(open_page, troubles: list[str]) -> None:
    page = open_page("/about")
    page.route("**/words?*", lambda route: route.abort())
    page.goto("/slides/7?demo=prompt")
    write(page, "a house")
    expect(reading(page)).to_have_text("")
    page.unroute("**/words?*")
    write(page, "a tree")
    expect(reading(page)).to_have_text("a tree")
    troubles.clear()  # the browser itself reports the lost request


def test_a_page_of_somebody_else_is_not_shown(open_page) -> None:
    page = open_page("/about")
    page.route("**/words?*", lambda r: r.fulfill(content_type="text/html", body="<h1>Log in</h1>"))
    page.goto("/slides/7?demo=prompt")
    write(page, "a house")
    expect(reading(page)).not_to_contain_text("sunset")
    expect(reading(page)).not_to_contain_text("Log in")


def test_without_scripts_it_is_absent(open_page) -> None:
    page = open_page("/slides/7?demo=prompt", java_script_enabled=False)
    expect(reading(page)).to_be_hidden()
    expect(prompt(page)).to_be_visible()


def test_all_of_it_is_on_a_phone(open_page) -> None:
    page = open_page("/slides/4?demo=denoise", **sized("phone"))
    write(page, "a sunset over mountians with a dragon")
    expect(reading(page)).to_contain_text("only faces")
    for size in at_all_sizes(page):
        check_page(page, size)
    page.set_viewport_size({"width": 390, "height": 844})
    box = reading(page).bounding_box()
    assert box
    for part in reading(page).locator(".words-read > *, .words-note").all():
        inner = part.bounding_box()
        assert inner
        assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 1


def test_it_leaves_the_report_of_the_very_prompt(open_page) -> None:
    page = open_page("/slides/7?demo=prompt&num_steps=4")
    page.locator("[data-play]").click()
    page.wait_for_selector(".frame.current[data-done]", state="attached", timeout=60_000)
    played = prompt(page).input_value()
    prompt(page).focus()
    expect(reading(page)).to_be_hidden()
    write(page, "a house")
    expect(reading(page)).to_be_visible()
    prompt(page).fill(played)
    expect(reading(page)).to_be_hidden()
    expect(page.locator(".stale-note")).to_be_hidden()


def test_what_was_typed_offline_is_read_once_online(open_page, troubles: list[str]) -> None:
    page = open_page("/slides/7?demo=prompt")
    page.context.set_offline(True)
    write(page, "a tree")
    expect(reading(page)).to_have_text("")
    page.context.set_offline(False)
    expect(reading(page)).to_have_text("a tree")
    troubles.clear()  # the browser itself reports the lost request
