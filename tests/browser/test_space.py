"""Words in space: names that can be read, pictures in order, for everybody."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.look import at_all_sizes, check_stage

PROMPTS = (
    "a sunset over mountains",
    "glasses",
    "a redhead with specs and a blue jumper by a stormy sea at dusk",
)
NAMES = """() => [...document.querySelectorAll(".frame.current .cloud text")].map(e => {
  const r = e.getBoundingClientRect();
  return { name: e.textContent, left: r.left, right: r.right, top: r.top, bottom: r.bottom,
    size: Number(e.getAttribute("font-size")) * e.ownerSVGElement.getScreenCTM().d }; })"""


def play(page: Page) -> None:
    page.locator("#deck").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame.current[data-done]", timeout=60_000)


def overlap(a: dict, b: dict) -> bool:
    """Of the letters, which fill two thirds of their line."""
    part = (a["bottom"] - a["top"]) / 6
    return bool(
        a["left"] < b["right"]
        and b["left"] < a["right"]
        and a["top"] + part < b["bottom"] - part
        and b["top"] + part < a["bottom"] - part
    )


@pytest.mark.parametrize("prompt", PROMPTS)
def test_no_name_lies_on_another_and_all_can_be_read(open_page, prompt: str) -> None:
    page = open_page(f"/slides/7?demo=space&neighbours=6&prompt={quote(prompt)}")
    play(page)
    check_stage(page)
    for size in at_all_sizes(page):
        names = page.evaluate(NAMES)
        assert len(names) > 5
        wrong = [(a["name"], b["name"]) for a, b in combinations(names, 2) if overlap(a, b)]
        assert wrong == [], size
        assert min(name["size"] for name in names) >= 13, size


def test_pictures_are_ranked_again_with_every_word(open_page) -> None:
    page = open_page("/slides/7?demo=space&prompt=a+girl+at+night")
    play(page)
    orders = []
    for step in range(page.locator(".frame").count()):
        page.locator("[data-scrub]").fill(str(step))
        texts = page.locator(".frame.current .ranking li span").all_inner_texts()
        if not texts:  # before the first word
            continue
        values = [float(text.replace("−", "-")) for text in texts]
        assert len(values) == 12
        assert all(a >= b for a, b in pairwise(values))
        orders.append(page.locator(".frame.current .ranking img").first.get_attribute("src"))
    assert len(set(orders)) > 1
    expect(page.locator(".report")).to_contain_text("Word 4 of 4 is read: “night”.")
    assert page.locator(".frame.current .spot-asked").count() == 2


def test_the_best_picture_of_a_sunset_is_a_landscape(open_page) -> None:
    page = open_page("/slides/7?demo=space&prompt=a+sunset+over+mountains")
    for _ in range(3):
        play(page)
        best = page.locator(".frame.current .ranking img").first
        expect(best).to_have_attribute("alt", re.compile("^(?!.*person)"))
        address = page.url
        page.locator("[data-reroll]").click()
        page.wait_for_function("old => location.href !== old", arg=address)
        page.wait_for_selector(".frame.current[data-done]", timeout=60_000)


def test_the_plane_says_what_it_is_and_who_is_near_whom(open_page) -> None:
    page = open_page("/slides/7?demo=space&neighbours=3&prompt=glasses")
    play(page)
    expect(page.locator(".frame.current .cloud figcaption")).to_have_text(
        re.compile(r"128 dimensions in two: \d+% of the variance")
    )
    told = page.get_by_role("img", name="near glasses").get_attribute("aria-label") or ""
    names = [name["name"] for name in page.evaluate(NAMES)]
    assert told == f"Words in a plane; near glasses: {', '.join(names[1:])}."


def test_synonyms_are_near_each_other(open_page) -> None:
    page = open_page("/slides/7?demo=space&neighbours=6&prompt=glasses+and+a+sunset")
    play(page)
    names = {name["name"] for name in page.evaluate(NAMES)}
    assert names & {"specs", "spectacles", "eyeglasses", "bespectacled"}
    assert names & {"dusk", "evening", "sundown", "twilight", "sunsets", "setting"}


def test_a_prompt_that_says_nothing_says_so(open_page) -> None:
    page = open_page("/slides/7?demo=space&prompt=zzz")
    play(page)
    expect(page.locator(".frame.current .cloud")).to_contain_text("nothing to look for")
    expect(page.locator(".frame.current .words")).to_contain_text("No word here is known")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, scheme: str) -> None:
    page = open_page("/slides/7?demo=space", color_scheme=scheme, reduced_motion="reduce")
    play(page)
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in serious] == []
