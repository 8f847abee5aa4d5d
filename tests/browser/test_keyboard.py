"""Every key, and who owns it: the deck or the control that has the focus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.support.more import open_more

if TYPE_CHECKING:
    from tests.browser.conftest import Open


@pytest.fixture
def page(open_page: Open) -> Page:
    opened = open_page("/slides/4")
    opened.evaluate("localStorage.setItem('autoplay', 'off')")
    open_more(opened)
    return opened


def slide(page: Page, number: int) -> None:
    expect(page.locator(".slide")).to_have_attribute("data-number", str(number))


@pytest.mark.parametrize("key", ["Space", "ArrowRight", "PageDown", "n"])
def test_next(page: Page, key: str) -> None:
    page.keyboard.press(key)
    slide(page, 5)


@pytest.mark.parametrize("key", ["Shift+Space", "ArrowLeft", "PageUp", "p"])
def test_back(page: Page, key: str) -> None:
    page.keyboard.press(key)
    slide(page, 3)


def test_home_and_end(page: Page) -> None:
    page.keyboard.press("End")
    slide(page, 8)
    page.keyboard.press("Home")
    slide(page, 0)
    page.keyboard.press("Space")
    slide(page, 1)


def test_enter_plays(page: Page) -> None:
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame", state="attached")
    slide(page, 4)


def test_f_asks_for_full_screen(page: Page) -> None:
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("PageDown")
    slide(page, 5)
    assert page.evaluate("document.fullscreenElement !== null")  # slides change in place


def test_a_slider_with_focus_keeps_its_keys(page: Page) -> None:
    slider = page.locator("input[name='num_steps']")
    slider.focus()
    value = slider.input_value()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() != value
    page.keyboard.press("Space")
    slide(page, 4)
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    slide(page, 5)


def test_a_text_field_with_focus_keeps_its_keys(page: Page) -> None:
    field = page.locator("input[name='prompt']")
    field.fill("")
    field.press_sequentially("a sad bob")
    assert field.input_value() == "a sad bob"
    slide(page, 4)
    field.press("Enter")
    page.wait_for_selector(".frame", state="attached")
    expect(page).to_have_url(re.compile("prompt=a\\+sad\\+bob"))


def test_a_button_with_focus_keeps_space_and_enter(page: Page) -> None:
    page.locator(".fact-tabs button").nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".fact-tabs button").nth(1)).to_have_attribute("aria-selected", "true")
    slide(page, 4)
    page.locator(".fact-tabs button").nth(2).focus()
    page.keyboard.press("Space")
    expect(page.locator(".fact-tabs button").nth(2)).to_have_attribute("aria-selected", "true")
    page.locator(".fact-tabs button").nth(0).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fact-tabs button").nth(0)).to_have_attribute("aria-selected", "true")
    slide(page, 4)
    assert page.locator(".frame").count() == 0


@pytest.mark.parametrize("key", [".", "b"])
def test_blackout_belongs_to_the_deck_unless_one_types(page: Page, key: str) -> None:
    page.locator("input[name='num_steps']").focus()
    page.keyboard.press(key)
    expect(page.locator("#blackout")).to_be_visible()
    page.keyboard.press(key)
    expect(page.locator("#blackout")).to_be_hidden()
    field = page.locator("input[name='prompt']")
    field.fill("")
    field.press_sequentially(key)
    assert field.input_value() == key
    expect(page.locator("#blackout")).to_be_hidden()


@pytest.mark.parametrize("name", ["prompt", "num_steps", "seed"])
def test_page_keys_always_belong_to_the_deck(page: Page, name: str) -> None:
    page.locator(f"input[name='{name}']").focus()
    page.keyboard.press("PageDown")
    slide(page, 5)
    page.keyboard.press("PageUp")
    slide(page, 4)


FOCUSED = "e => e === document.activeElement"


@pytest.mark.parametrize(
    "used",
    [
        "input[name='guidance_scale']",
        "[data-copy]",
        ".fact-tabs button >> nth=1",
        "[data-go='back']",
    ],
)
def test_after_a_click_the_focus_stays_and_space_leads_on(open_page, used: str) -> None:
    page = open_page("/slides/4")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    open_more(page)
    page.locator(used).click()
    assert page.locator(used).evaluate(FOCUSED)
    before = int(page.locator(".slide").get_attribute("data-number") or 0)
    page.keyboard.press("Space")
    slide(page, 5 if before == 4 else 4)


def test_a_button_clicked_before_is_not_pressed_again_by_space(page: Page) -> None:
    plays: list[str] = []
    page.on("request", lambda r: plays.append(r.url) if "/play?" in r.url else None)
    page.locator("[data-play]").click()
    page.wait_for_selector(".frame", state="attached")
    page.keyboard.press("Space")
    slide(page, 5)
    assert len(plays) == 1


def test_a_control_reached_again_by_tab_has_its_keys_again(page: Page) -> None:
    slider = page.locator("input[name='guidance_scale']")
    slider.click()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert slider.evaluate(FOCUSED)
    page.keyboard.press("Space")
    value = slider.input_value()
    page.keyboard.press("ArrowLeft")
    assert slider.input_value() != value
    slide(page, 4)


def test_a_list_used_by_pointer_leaves_the_keys_to_the_deck(page: Page) -> None:
    solver = page.locator("select[name='solver']")
    solver.click()
    page.keyboard.press("Escape")
    page.locator("#deck").focus()
    solver.select_option("ddim")
    page.keyboard.press("Space")
    slide(page, 5)


def test_after_a_click_on_an_idea_space_leads_on(open_page) -> None:
    page = open_page("/slides/7")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    page.goto("/slides/8")
    page.locator(".timeline label", has_text="2 Adversarial training").click()
    expect(page.locator(".timeline input:checked")).to_be_focused()
    page.keyboard.press("Shift+Space")
    slide(page, 7)


def test_after_enter_in_the_prompt_space_leads_on(page: Page) -> None:
    field = page.locator("input[name='prompt']")
    field.fill("a sad person")
    field.press("Enter")
    page.keyboard.press("Space")
    slide(page, 5)
    assert page.locator("input[name='prompt']").count() == 0


def test_a_modifier_leaves_keys_to_the_browser(page: Page) -> None:
    page.keyboard.press("Control+ArrowRight")
    slide(page, 4)


def test_the_ideas_walk_with_arrows(open_page) -> None:
    page = open_page("/slides/8")
    ideas = page.locator("input[name='idea']")
    ideas.first.focus()
    page.keyboard.press("ArrowRight")
    expect(ideas.nth(1)).to_be_checked()
    page.wait_for_selector(".frame.current[data-done]", state="attached")
    slide(page, 8)


def test_the_years_walk_with_the_keys_of_frames(open_page) -> None:
    page = open_page("/slides/6")
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame.current[data-done]", state="attached", timeout=60_000)
    last = page.locator(".frame[data-done]")
    page.keyboard.press("j")
    expect(last).not_to_have_class("frame current")
    page.keyboard.press("l")
    expect(last).to_have_class("frame current")
    slide(page, 6)


def press(page: Page, key: str, code: str, **more: object) -> None:
    """A key as some layout sends it: what it writes, and where it is."""
    page.evaluate(
        """([key, code, more]) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
          { key, code, bubbles: true, cancelable: true, ...more }))""",
        [key, code, more],
    )


@pytest.mark.parametrize(
    ("layout", "key", "code"),
    [
        ("Hebrew", "\u05de", "KeyN"),
        ("Arabic", "\u0649", "KeyN"),
        ("Russian", "\u0442", "KeyN"),
        ("Greek", "\u03bd", "KeyN"),
        ("French", "n", "KeyN"),
        ("Dvorak", "n", "KeyL"),
        ("Bepo", "\u00a0", "Space"),
    ],
)
def test_letters_work_by_their_place_where_a_layout_has_none(
    page: Page, layout: str, key: str, code: str
) -> None:
    press(page, key, code)
    slide(page, 5)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("\u05e0", "KeyB"),  # Hebrew
        ("\u0644\u0627", "KeyB"),  # Arabic: one key, two letters
        ("\u0438", "KeyB"),  # Russian
        ("\u044e", "Period"),  # Russian, a clicker's button
        ("\u05e5", "Period"),  # Hebrew
        (":", "Period"),  # French
    ],
)
def test_a_clickers_black_screen_works_under_other_layouts(page: Page, key: str, code: str) -> None:
    page.locator("input[name='num_steps']").focus()
    press(page, key, code)
    expect(page.locator("#blackout")).to_be_visible()
    press(page, key, code)
    expect(page.locator("#blackout")).to_be_hidden()
    page.locator("input[name='prompt']").focus()
    press(page, key, code)
    expect(page.locator("#blackout")).to_be_hidden()


def test_a_letter_that_the_layout_has_elsewhere_keeps_its_meaning(page: Page) -> None:
    press(page, "l", "KeyN")  # Dvorak: l is where n is elsewhere
    press(page, ">", "Period", shiftKey=True)
    slide(page, 4)
    expect(page.locator("#blackout")).to_be_hidden()


@pytest.mark.parametrize(
    ("key", "code"), [("PageDown", "PageDown"), ("Escape", "Escape"), ("Enter", "Enter")]
)
@pytest.mark.parametrize("sign", [{"isComposing": True}, {"keyCode": 229}])
def test_keys_of_a_composition_belong_to_the_field(
    page: Page, key: str, code: str, sign: dict[str, object]
) -> None:
    field = page.locator("input[name='prompt']")
    field.focus()
    press(page, key, code, **sign)
    expect(field).to_be_focused()
    slide(page, 4)
    press(page, "Escape", "Escape")
    expect(page.locator("#deck")).to_be_focused()


def test_g_works_again_and_again(page: Page) -> None:
    for number in ("3", "5", "0"):
        page.keyboard.press("g")
        page.keyboard.type(number)
        page.keyboard.press("Enter")
        slide(page, int(number))


@pytest.mark.parametrize("key", ["Space", "PageDown", "Shift+Space", "Enter", "End", "o"])
def test_behind_a_black_screen_nothing_happens_unseen(page: Page, key: str) -> None:
    page.keyboard.press("b")
    page.keyboard.press(key)
    expect(page.locator("#blackout")).to_be_hidden()
    slide(page, 4)
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("PageDown")
    slide(page, 5)


def test_z_needs_a_scene(open_page: Open) -> None:
    page = open_page("/")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    page.keyboard.press("z")
    page.keyboard.press("PageDown")
    slide(page, 1)
    expect(page.locator("#deck")).not_to_have_class(re.compile("whole"))
    page.keyboard.press("z")
    expect(page.locator("#deck")).to_have_class(re.compile("whole"))


@pytest.mark.parametrize(("key", "number"), [("n", 8), ("p", 6)])
def test_an_error_is_left_from_where_it_is(
    open_page: Open, troubles: list[str], key: str, number: int
) -> None:
    page = open_page("/slides/7?demo=nobody")
    expect(page.locator("h1")).to_have_text("This cannot be shown.")
    page.keyboard.press(key)
    slide(page, number)
    troubles.clear()  # the browser itself reports the error
