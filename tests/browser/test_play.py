"""Every Play of every slide in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from app.deck.comparison import FAMILIES
from app.demos.families.quiz import family_of
from tests.support.cable import Cable
from tests.support.demos import DEMOS
from tests.support.look import check_stage

if TYPE_CHECKING:
    from app.demos.demo import Demo

DONE = ".frame.current[data-done]"
LOADED = "imgs => imgs.every(i => i.complete && i.naturalWidth > 0)"


def play(page: Page) -> None:
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE, state="attached", timeout=60_000)


def shown(page: Page) -> str | None:
    images = page.locator(".frame.current img")
    return images.first.get_attribute("src") if images.count() else None


@pytest.mark.parametrize("demo", DEMOS, ids=lambda d: d.name)
def test_a_play_arrives_scrubs_and_reports(open_page, demo: Demo[Any]) -> None:
    page = open_page(f"/slides/{demo.slide}?demo={demo.name}")
    play(page)
    assert page.locator(".frame .message-bad").count() == 0
    assert page.eval_on_selector_all(".frame img", LOADED)
    expect(page.locator(".frame.current")).to_have_attribute("data-done", "")
    seed = r"Seed \d+" if demo.seeded else ""
    time = "" if demo.name == "quiz" else r"\d+\.\d\d\ss"  # which would tell who drew
    words = ", ".join(filter(None, (seed, time)))
    expect(page.locator(".report")).to_contain_text(re.compile(words))
    expect(page.locator("[data-counter]")).to_have_text(re.compile(r"^(\d+) / \1$"))
    expect(page).to_have_url(re.compile(rf"demo={demo.name}"))
    count = page.locator(".frame").count()
    if count > 1:
        last = page.locator(".frame.current").inner_html()
        page.locator("[data-scrub]").fill("0")
        assert page.locator(".frame.current").inner_html() != last
        page.locator("[data-scrub]").fill(str(count - 1))
        assert page.locator(".frame.current").inner_html() == last
    else:
        assert page.locator(".frame.current").is_visible()
    check_stage(page)


def test_another_seed_is_drawn_and_in_the_address(open_page) -> None:
    page = open_page("/slides/1?demo=prior")
    play(page)
    before, address = shown(page), page.url
    page.locator("[data-reroll]").click()
    page.wait_for_function("old => location.href !== old", arg=address)
    page.wait_for_selector(DONE, state="attached")
    assert shown(page) != before
    assert "seed=0" not in page.url.split("&")


def test_pausing_holds_the_frame_while_more_arrive(open_page, server: str) -> None:
    with Cable(int(server.rsplit(":", 1)[1])) as cable:
        page = open_page(f"{cable.address}/slides/4?demo=denoise&num_steps=60")
        cable.hold(b"/play?", 200_000)
        page.keyboard.press("Enter")
        page.wait_for_selector(".frame.current")
        page.locator("[data-pause]").click()
        held = page.locator(".frame.current").get_attribute("data-step")
        cable.release()
        page.wait_for_selector(".frame[data-done]", state="attached", timeout=60_000)
        assert page.locator(".frame.current").get_attribute("data-step") == held
        page.locator("[data-pause]").click()
        page.wait_for_selector(DONE, state="attached", timeout=60_000)
        expect(page.locator(".frame.current")).to_have_attribute("data-done", "")


def test_tabs_change_the_stage_in_place(open_page) -> None:
    page = open_page("/slides/1")
    play(page)
    page.locator(".tabs a", has_text="Imagine").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", "prior")
    assert page.locator(".frame").count() == 0
    expect(page.locator(".tabs a[aria-current]")).to_be_focused()
    play(page)
    expect(page).to_have_url(re.compile("demo=prior"))


def test_the_quiz_answers_after_a_guess(open_page) -> None:
    page = open_page("/slides/8?demo=quiz")
    play(page)
    assert page.locator(".choice [data-set='guess']").count() == 6
    assert "drew them." not in page.locator(".frame.current").inner_text()
    faces = shown(page)
    page.locator(".choice .button").first.click()
    expect(page.locator(".frame.current")).to_contain_text("drew them.")
    picture = page.locator(".frame.current img").first
    expect(picture).to_have_attribute("src", faces)


def test_after_a_verdict_play_asks_the_next_question_and_the_visit_has_a_score(open_page) -> None:
    page = open_page("/slides/8?demo=quiz&seed=2")
    score, frame = page.locator("[data-score]"), page.locator(".frame.current")
    play(page)
    expect(score).to_have_text("")
    page.locator(f".choice [data-value='{family_of(2)}']").click()
    expect(frame).to_contain_text("Yes:")
    expect(score).to_have_text("1 of 1 right")
    page.keyboard.press("Enter")
    expect(page.locator("input[name='seed']")).to_have_value("3")
    expect(frame).to_contain_text("Who drew these six faces?")
    wrong = next(name for name in FAMILIES if name != family_of(3))
    page.locator(f".choice [data-value='{wrong}']").click()
    expect(frame).to_contain_text("No, not")
    expect(score).to_have_text("1 of 2 right")
    page.locator("[data-play]").click()
    expect(page.locator("input[name='seed']")).to_have_value("4")
    page.reload()
    expect(score).to_have_text("1 of 2 right")


def test_unknown_words_are_struck_through(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&num_steps=2")
    page.locator("input[name='prompt']").fill("a red dragon")
    page.locator("#deck").focus()
    play(page)
    expect(page.locator(".frame.current .words s")).to_contain_text("dragon")


def test_a_refusal_is_said_in_words(open_page, troubles: list[str]) -> None:
    page = open_page("/slides/4?demo=denoise")
    page.evaluate("document.querySelector('input[name=num_steps]').type = 'text'")
    page.evaluate("document.querySelector('input[name=num_steps]').value = '5000'")
    page.keyboard.press("Enter")
    expect(page.locator(".frame-error")).to_contain_text("num_steps")
    troubles.clear()  # the browser itself reports the 422


def test_a_full_server_is_asked_again_by_itself(open_page, troubles: list[str]) -> None:
    page = open_page("/")
    asked: list[str] = []

    def refuse_once(route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
            return
        body = (
            '<li class="frame frame-error" data-step="1" data-total="1" data-done data-retry="3">'
            '<p class="message">full</p></li>'
        )
        route.fulfill(status=503, content_type="text/html", body=body)

    page.route("**/play?*", refuse_once)
    page.goto("/slides/1?demo=prior")  # a page opened before might still ask past the route
    page.keyboard.press("Enter")
    expect(page.locator(".frame-error")).to_be_visible()
    page.wait_for_selector(".frame img", state="attached", timeout=10_000)
    assert len(asked) == 2
    troubles.clear()  # the browser itself reports the 503


def test_a_play_that_is_repeated_starts_afresh(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&num_steps=60")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.frame').length > 2")
    page.evaluate("document.querySelectorAll('.frame').forEach(f => f.dataset.old = '')")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.frame[data-old]')")
    page.wait_for_selector(DONE, state="attached", timeout=60_000)
    steps = page.eval_on_selector_all(".frame", "all => all.map(f => Number(f.dataset.step))")
    assert steps == sorted(set(steps))
