"""Be the discriminator: ticks, their address, the verdict, the next round; by keyboard, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.look import check_stage

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOWN = ".frame.current[data-done]"
TICKED = f"{SHOWN} .candidate > :checked"


@pytest.fixture
def page(open_page) -> Page:
    page: Page = open_page("/slides/2?demo=discriminator&seed=3")
    page.wait_for_selector(SHOWN, timeout=60_000)
    return page


def test_ticks_are_in_the_address_and_come_back_with_it(page: Page, open_page) -> None:
    faces = page.locator(f"{SHOWN} .candidate")
    faces.nth(2).click()
    faces.nth(9).click()
    faces.nth(2).click()
    expect(page).to_have_url(re.compile(r"drawn=9(&|$)"))
    expect(page.locator(".stage.stale")).to_have_count(0)
    again = open_page(page.url)
    expect(again.locator(TICKED)).to_have_count(1, timeout=60_000)
    expect(again.locator(TICKED)).to_have_attribute("value", "9")


def test_a_round_is_played_by_keyboard_alone(page: Page) -> None:
    page.locator(f"{SHOWN} .candidate > input").first.focus()
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(TICKED)).to_have_count(2)
    expect(page.locator(".slide")).to_have_attribute("data-number", "2")
    page.keyboard.press("Enter")
    expect(page.locator(f"{SHOWN} .bars")).to_contain_text("of 12")
    expect(page).to_have_url(re.compile(r"drawn=0%2C3.*told=yes|told=yes.*drawn=0%2C3"))
    check_stage(page)
    page.locator(f"{SHOWN} .choice .button").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"seed=4"))
    expect(page).to_have_url(re.compile(r"told=no"))
    expect(page.locator(f"{SHOWN} .candidate > input")).to_have_count(12)
    expect(page.locator(TICKED)).to_have_count(0)


def test_ticks_on_another_seeds_faces_count_for_nothing(page: Page) -> None:
    page.locator(".controls input[name='seed']").fill("8")
    page.locator(f"{SHOWN} .candidate").first.click()
    expect(page.locator(TICKED)).to_have_count(0)
    assert page.locator(".controls input[name='drawn']").input_value() == ""


def test_without_a_script_it_is_a_form(server: str, browser) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/slides/2/play?demo=discriminator&seed=3")
    page.locator(".candidate").nth(4).click()
    page.get_by_role("button", name="Ask D").click()
    expect(page.locator(".bars")).to_contain_text("of 12")
    assert "drawn=4" in page.url
    context.close()
