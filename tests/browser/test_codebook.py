"""Tokens of a face and codes of a codebook, chosen by mouse, finger and keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Position, expect

DONE = ".frame.current[data-done]"
PLACES = f"{DONE} [data-cells='place']"
CODES = f"{DONE} [data-cells='code']"


def play(page: Page) -> None:
    page.locator("#deck").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE, timeout=60_000)


def middle(box: Locator, cell: int, columns: int) -> Position:
    """Of a cell, counted from the top left of its box."""
    size = box.bounding_box()
    assert size is not None
    row, column = divmod(cell, columns)
    side = size["width"] / columns
    return Position(x=(column + 0.5) * side, y=(row + 0.5) * side)


@pytest.fixture
def one(open_page) -> Page:
    """A single codebook, a token of the fourth row replaced by code 5."""
    page: Page = open_page("/slides/3?demo=codebook&look=ema&place=27&code=5")
    play(page)
    return page


def test_the_codes_of_three_codebooks_come_into_use(open_page) -> None:
    page = open_page("/slides/3?demo=codebook")
    play(page)
    used = page.locator(".frame:not(.current)").first
    assert used.locator("[class^='cells-level']").count() == 0
    shown = page.locator(DONE)
    assert shown.locator("text=/^\\d+$/").count() == 3 * 64
    counts = [
        int(re.findall(r"(\d+) of 512 used", text)[0])
        for text in shown.locator("figcaption").all_inner_texts()
        if "used" in text
    ]
    assert len(counts) == 3
    assert counts[0] < counts[1]
    assert counts[0] < counts[2]
    expect(page.locator("[data-counter]")).to_have_text("8 / 8")


def test_a_tapped_token_is_looked_at_in_its_codebook(open_page) -> None:
    page = open_page("/slides/3?demo=codebook")
    play(page)
    grid = page.locator(PLACES).nth(2)
    grid.click(position=middle(grid, 42, 8))
    expect(page.locator(CODES)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"look=simvq&.*place=42"))
    expect(page.locator(".timeline input:checked + span")).to_have_text("SimVQ")
    expect(page.locator(PLACES)).to_have_attribute("aria-valuenow", "42")


def test_a_tapped_code_is_put_in(one: Page) -> None:
    old = one.locator(f"{DONE} .result img").get_attribute("src")
    chart = one.locator(CODES)
    chart.click(position=middle(chart, 200, 23))
    expect(one.locator(f"{DONE} .result figcaption")).to_have_text("with 200")
    expect(one).to_have_url(re.compile("code=200"))
    assert one.locator(f"{DONE} .result img").get_attribute("src") != old
    box = chart.bounding_box()
    assert box is not None
    chart.click(position=Position(x=box["width"] - 3, y=box["height"] - 3))  # where no code is
    one.wait_for_timeout(300)
    expect(one).to_have_url(re.compile("code=200"))


def test_arrow_keys_walk_from_token_to_token_and_stay_on_the_slide(one: Page) -> None:
    one.locator(PLACES).focus()
    for key, place in (("ArrowRight", 28), ("ArrowDown", 36), ("ArrowLeft", 35), ("ArrowUp", 27)):
        one.keyboard.press(key)
        expect(one.locator(PLACES)).to_have_attribute("aria-valuenow", str(place))
        expect(one.locator(PLACES)).to_be_focused()
        expect(one).to_have_url(re.compile(f"place={place}"))
    for _ in range(5):
        one.keyboard.press("ArrowRight")  # faster than frames come, and past the end of the row
    expect(one.locator(PLACES)).to_have_attribute("aria-valuenow", "31")
    expect(one.locator(PLACES)).to_be_focused()
    expect(one.locator(".slide")).to_have_attribute("data-number", "3")
    said = one.locator(PLACES).get_attribute("aria-valuetext")
    assert re.fullmatch(r"\d+, in row 4 and column 8", said or "")


def test_the_same_code_changes_nothing(one: Page) -> None:
    now = one.locator(f"{PLACES} text").nth(27).text_content()
    one.locator("[data-more] summary").click()
    one.locator("input[name='code']").fill(now or "")
    play(one)
    expect(one.locator(DONE)).to_contain_text("nothing changes")
    before, after = (
        one.locator(f"{DONE} img[width='64']").nth(1),
        one.locator(f"{DONE} .result img"),
    )
    assert before.get_attribute("src") == after.get_attribute("src")


def test_it_works_by_touch_on_a_phone(open_page) -> None:
    page = open_page(
        "/slides/3?demo=codebook&look=ema&place=27&code=5",
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
    )  # fmt: skip
    play(page)
    grid = page.locator(PLACES)
    box = grid.bounding_box()
    assert box is not None
    assert box["width"] / 8 >= 40
    grid.tap(position=middle(grid, 9, 8))
    expect(page.locator(PLACES)).to_have_attribute("aria-valuenow", "9")
    chart = page.locator(CODES)
    chart.tap(position=middle(chart, 100, 23))
    expect(page.locator(f"{DONE} .result figcaption")).to_have_text("with 100")


def test_without_scripts_the_form_chooses(open_page) -> None:
    page = open_page("/slides/3?demo=codebook&look=simvq", java_script_enabled=False)
    page.locator("[data-more] summary").click()
    page.locator("input[name='code']").fill("17")
    page.locator("[data-play]").click()
    shown = page.locator(".frame[data-done]")
    expect(shown.locator(".result figcaption")).to_have_text("with 17")
    assert shown.locator("[role='slider']").count() == 0
    assert shown.locator("[role='img']").count() == 3
