"""The presenter view: pictures of this slide and the next, with a deck window and without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

DONE = ".frame.current[data-done]"
LIVELY = r"""() => [...document.querySelectorAll(".mirror *")].flatMap(e => e.getAttributeNames())
  .filter(name => /^(id|for|on|hx-)/.test(name))"""
BOXES = """() => [...document.querySelectorAll(".mirror:not([hidden])")].map(mirror => {
  const [a, b] = [mirror, mirror.firstElementChild].map(e => e.getBoundingClientRect());
  return { width: a.width, height: a.height, right: a.right, bottom: a.bottom,
    off: Math.max(Math.abs(a.width - b.width), Math.abs(a.height - b.height)),
    bars: [mirror, ...mirror.querySelectorAll("*")]
      .filter(e => /auto|scroll/.test(getComputedStyle(e).overflow)).length };
})"""


@pytest.fixture
def beside(troubles: list[str]) -> Callable[..., Page]:
    """Open one more window in the browser of a page; its complaints count too."""

    def start(page: Page, path: str = "/presenter") -> Page:
        window = page.context.new_page()
        window.on(
            "console",
            lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None,
        )
        window.on("pageerror", lambda error: troubles.append(str(error)))
        window.goto(path)
        return window

    return start


def picture(presenter: Page) -> Locator:
    return presenter.locator("[data-picture]")


def following(presenter: Page) -> Locator:
    return presenter.locator("[data-next-picture]")


def slide(page: Page, number: int) -> None:
    expect(page.locator(".slide")).to_have_attribute("data-number", str(number))


def test_the_pictures_follow_the_deck(open_page) -> None:
    deck = open_page("/slides/1")
    with deck.expect_popup() as popup:
        deck.keyboard.press("s")
    presenter = popup.value
    expect(picture(presenter).locator("h1")).to_have_text("VAEs: Encode, Sample, Decode")
    expect(following(presenter).locator("h1")).to_have_text("GANs: The Adversarial Game")
    deck.evaluate("localStorage.setItem('autoplay', 'off')")
    deck.keyboard.press("PageDown")
    slide(deck, 2)
    deck.keyboard.press("PageDown")
    expect(picture(presenter).locator("h1")).to_contain_text("Normalizing Flows")
    expect(following(presenter).locator("h1")).to_contain_text("Diffusion Models")
    expect(picture(presenter).locator(".fact-tabs button[aria-selected='true']")).to_have_count(1)
    deck.locator(".fact-tabs button").nth(1).click()
    chosen = picture(presenter).locator(".fact-tabs button").nth(1)
    expect(chosen).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("number", [1, 3, 8])
def test_a_play_appears_in_the_picture(open_page, beside, number: int) -> None:
    deck = open_page(f"/slides/{number}")
    plays: list[str] = []
    presenter = beside(deck)
    presenter.on("request", lambda r: plays.append(r.url) if "/play?" in r.url else None)
    deck.locator("input[name='seed']").fill("7")
    expect(picture(presenter).locator("input[value='7']")).to_have_count(1)
    deck.locator("#deck").focus()
    deck.keyboard.press("Enter")
    deck.wait_for_selector(DONE, state="attached", timeout=60_000)
    shown = deck.locator(".frame.current img").first
    copy = picture(presenter).locator(".frame.current img").first
    expect(copy).to_have_attribute("src", shown.get_attribute("src") or "")
    expect(picture(presenter).locator(".frame")).to_have_count(1)
    assert copy.evaluate("i => i.complete && i.naturalWidth") > 0
    expect(copy).to_be_visible()
    assert presenter.evaluate(LIVELY) == []
    assert plays == []


def test_the_last_slide_has_no_next(open_page, beside) -> None:
    deck = open_page("/slides/7")
    presenter = beside(deck)
    expect(following(presenter).locator("h1")).to_have_text("Key Takeaways")
    deck.keyboard.press("End")
    expect(following(presenter)).to_be_hidden()
    expect(presenter.locator("[data-next]")).to_have_text("The end.")
    expect(picture(presenter).locator("h1")).to_have_text("Key Takeaways")


def test_alone_it_turns_the_pages_itself(open_page) -> None:
    presenter = open_page("/presenter")
    expect(presenter.locator("[data-alone]")).to_be_visible()
    expect(picture(presenter).locator("h1")).to_contain_text("Family Tree")
    for key, number in [("Space", 1), ("PageDown", 2), ("Shift+Space", 1), ("End", 8), ("p", 7)]:
        presenter.keyboard.press(key)
        expect(presenter.locator("[data-where]")).to_have_text(f"Slide {number} of 8")
        expect(picture(presenter).locator(".slide")).to_have_attribute("data-number", str(number))
    presenter.get_by_role("button", name="Next", exact=True).click()
    presenter.keyboard.press("Space")
    expect(picture(presenter).locator(".slide")).to_have_attribute("data-number", "8")
    presenter.keyboard.press("Home")
    expect(following(presenter).locator("h1")).to_contain_text("VAEs")
    expect(presenter.get_by_role("button", name="Play", exact=True)).to_be_disabled()


def test_keys_and_buttons_lead_the_deck(open_page, beside) -> None:
    deck = open_page("/slides/3")
    deck.evaluate("localStorage.setItem('autoplay', 'off')")
    presenter = beside(deck)
    expect(picture(presenter).locator("h1")).to_contain_text("Normalizing Flows")
    presenter.get_by_role("button", name="Play", exact=True).click()
    deck.wait_for_selector(DONE, state="attached", timeout=60_000)
    presenter.keyboard.press("ArrowRight")
    slide(deck, 4)
    presenter.locator("article:not([hidden]) summary").click()
    presenter.keyboard.press("Space")
    slide(deck, 5)
    presenter.keyboard.press("b")
    expect(deck.locator("#blackout")).to_be_visible()
    expect(picture(presenter)).to_have_class(re.compile("black"))
    presenter.keyboard.press(".")
    expect(picture(presenter)).not_to_have_class(re.compile("black"))


def test_a_deck_window_may_close_and_open_again(open_page, beside) -> None:
    deck = open_page("/slides/3")
    deck.keyboard.press("Enter")
    deck.wait_for_selector(DONE, state="attached", timeout=60_000)
    presenter = beside(deck)
    expect(picture(presenter).locator(".frame")).to_have_count(1)
    expect(presenter.locator("[data-alone]")).to_be_hidden()
    deck.close()
    expect(presenter.locator("[data-alone]")).to_be_visible()
    expect(picture(presenter).locator(".frame")).to_have_count(0)
    expect(picture(presenter).locator("h1")).to_contain_text("Normalizing Flows")
    with presenter.expect_popup() as popup:
        presenter.get_by_role("link", name="Open it").click()
    slide(popup.value, 3)
    expect(presenter.locator("[data-alone]")).to_be_hidden()
    popup.value.keyboard.press("Home")
    expect(picture(presenter).locator("h1")).to_contain_text("Family Tree")


def test_of_two_decks_the_one_that_turned_last_is_followed(open_page, beside) -> None:
    first = open_page("/slides/1")
    presenter = beside(first)
    expect(picture(presenter).locator("h1")).to_contain_text("VAEs")
    second = beside(first, "/slides/5")
    expect(picture(presenter).locator("h1")).to_contain_text("Head-to-Head")
    presenter.wait_for_timeout(700)  # both answer; the picture must not change to and fro
    expect(picture(presenter).locator("h1")).to_contain_text("Head-to-Head")
    presenter.keyboard.press("PageUp")
    slide(second, 4)
    slide(first, 1)


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1100, 760), (820, 900), (390, 844)])
def test_the_pictures_fit_the_window(open_page, beside, size: tuple[int, int]) -> None:
    width, height = size
    deck = open_page("/slides/1", viewport={"width": width, "height": height})
    presenter = beside(deck)
    expect(following(presenter).locator("h1")).to_be_visible()
    boxes = presenter.evaluate(BOXES)
    assert len(boxes) == 2
    for box in boxes:
        assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.01)
        assert box["off"] <= 4  # its border, and what rounding leaves
        assert box["bars"] == 0
        assert box["right"] <= width
        assert width < 900 or box["bottom"] <= height
    assert boxes[0]["width"] > boxes[1]["width"]
    assert presenter.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        float(
            presenter.evaluate(
                "parseFloat(getComputedStyle(document.querySelector("
                "'.talk:not([hidden]) .speaker li')).fontSize)"
            )
        )
        >= 24
    )
    for mirror in (picture(presenter), following(presenter)):
        assert mirror.evaluate("m => m.inert && m.ariaHidden === 'true'")


def test_the_decks_theme_is_the_presenters(open_page, beside) -> None:
    deck = open_page("/slides/1", color_scheme="light")
    presenter = beside(deck)
    deck.locator("[data-theme-switch]").click()
    expect(presenter.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, beside, scheme: str) -> None:
    deck = open_page("/slides/5", color_scheme=scheme)
    presenter = beside(deck)
    expect(following(presenter).locator("h1")).to_be_visible()
    found = Axe().run(presenter).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in serious] == []


def test_the_timer_does_not_follow_a_clock_that_is_set(open_page) -> None:
    page = open_page("/about")
    page.add_init_script(
        """const now = Date.now; window.shift = 0; Date.now = () => now() + window.shift;
        Date = class extends Date { constructor(...given) {
          super(...(given.length ? given : [now() + window.shift])); } };"""
    )
    page.goto("/presenter")
    expect(page.locator("[data-timer]")).to_have_text(re.compile("0:0[1-5]"))
    page.evaluate("window.shift = -1800000")
    clock = page.locator("[data-clock]").text_content()
    page.wait_for_function(
        "before => document.querySelector('[data-clock]').textContent !== before", arg=clock
    )
    expect(page.locator("[data-timer]")).to_have_text(re.compile(r"^0:\d\d$"))
    page.reload()
    expect(page.locator("[data-timer]")).to_have_text(re.compile("^0:0[2-9]$|^0:[1-5]"))
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("[data-timer]")).to_have_text("0:00")


@pytest.mark.parametrize("number", [3, 7])
def test_notes_that_go_on_fade_at_the_lower_edge(open_page, light_server: str, number: int) -> None:
    presenter = open_page("about:blank")
    presenter.goto(f"{light_server}/presenter")
    expect(picture(presenter).locator("h1")).to_contain_text("Family Tree")
    for _ in range(number):
        presenter.keyboard.press("PageDown")
    talk = presenter.locator(".talk:not([hidden])")
    expect(talk).to_have_attribute("data-number", str(number))
    assert talk.evaluate("t => t.scrollHeight > t.clientHeight")
    fade = "t => { const s = getComputedStyle(t, '::after'); return [s.position, s.bottom]; }"
    assert talk.evaluate(fade) == ["sticky", "0px"]
    talk.evaluate("t => t.scrollTo(0, t.scrollHeight)")
    box = talk.bounding_box()
    words = talk.evaluate("t => t.lastElementChild.getBoundingClientRect().bottom")
    assert words <= box["y"] + box["height"] - 3.5 * 16 + 1  # at the end nothing lies under it
