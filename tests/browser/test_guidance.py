"""The guidance Play: six columns of one origin, measured, with any prompt."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.look import check_stage

SHOWN = ".frame.current[data-done]"


def test_every_column_has_faces_and_what_was_measured_of_them(open_page) -> None:
    page = open_page("/slides/4?demo=guidance&num_steps=3&guidance_scale=15&seed=1")
    page.wait_for_selector(SHOWN, timeout=90_000)
    titles = page.locator(f"{SHOWN} .strip-title")
    assert titles.all_inner_texts() == ["w = 0", "w = 1", "w = 2", "w = 4", "w = 8", "w = 15"]
    assert page.locator(f"{SHOWN} .matrix img").count() == 24
    values = page.locator(f"{SHOWN} .strip-values .bar-text").all_inner_texts()
    assert all(re.fullmatch(r"\d+%", text) for text in values[::2])
    assert all(re.fullmatch(r"\d\.\d\d", text) for text in values[1::2])
    check_stage(page)


def test_all_columns_begin_with_the_same_noises(open_page) -> None:
    page = open_page("/slides/4?demo=guidance&num_steps=2&seed=1")
    page.wait_for_selector(SHOWN, timeout=90_000)
    first = page.locator(".frame").first.locator(".strip-column")
    rows = [
        column.locator("img").evaluate_all("all => all.map(image => image.src)")
        for column in first.all()
    ]
    assert len({tuple(row) for row in rows}) == 1
    assert len(set(rows[0])) == 4


def test_what_cannot_be_measured_is_said(open_page) -> None:
    page = open_page("/slides/4?demo=guidance&num_steps=1&seed=1&prompt=a+person")
    page.wait_for_selector(SHOWN, timeout=90_000)
    expect(page.locator(f"{SHOWN} .sentence")).to_contain_text("asks for nothing")
    assert page.locator(f"{SHOWN} .strip-values .bar-text").first.inner_text() == "–"
