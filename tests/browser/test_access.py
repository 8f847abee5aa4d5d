"""For everybody: contrast themes, screen readers, focus, single keys, calm, enlargement."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.support.demos import DEMOS
from tests.support.streams import frame, stream

DONE = ".frame.current[data-done]"
SAID = """() => { const box = document.getElementById("announcer"); window.said = [];
  new MutationObserver(() => window.said.push(box.textContent))
    .observe(box, { childList: true, characterData: true, subtree: true }); }"""


def fake_play(page: Page, steps: int = 20) -> None:
    page.route(
        "**/play?*",
        lambda r: r.fulfill(content_type="text/event-stream", body=stream(range(steps + 1), steps)),
    )
    page.reload()  # a page opened before might still ask past the route


def pixels(place: Locator) -> Image.Image:
    return Image.open(io.BytesIO(place.screenshot())).convert("RGB")


def is_blank(place: Locator) -> bool:
    """Whether nothing on it can be told from its ground."""
    darkest, lightest = pixels(place).convert("L").getextrema()
    return lightest - darkest < 100  # type: ignore[operator]


def ground(place: Locator) -> object:
    """The colour that most of it has."""
    image = pixels(place)
    return max(image.getcolors(image.width * image.height) or [])[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_themes_show_icons_and_choices(open_page, scheme: str) -> None:
    page = open_page("/slides/4", forced_colors="active", color_scheme=scheme)
    fake_play(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE, state="attached")
    icons = [icon for icon in page.locator(".icon").all() if icon.is_visible()]
    assert len(icons) > 12
    assert [icon.get_attribute("class") for icon in icons if is_blank(icon)] == []
    for chosen, other in (
        (".fact-tabs [aria-selected='true']", ".fact-tabs [aria-selected='false'] >> nth=0"),
        (".tabs [aria-current]", ".tabs a:not([aria-current]) >> nth=0"),
        (".strip .lit a", ".strip li:not(.lit) a >> nth=0"),
    ):
        assert ground(page.locator(chosen)) != ground(page.locator(other))
    page.goto("/slides/8")
    chosen, other = page.locator("input:checked + span"), page.locator("input + span").last
    assert ground(chosen) != ground(other)


def test_a_screen_reader_hears_start_and_result_alone(open_page) -> None:
    page = open_page("/slides/4?demo=noising")
    fake_play(page)
    page.evaluate(SAID)
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE, state="attached")
    expect(page.locator("#announcer")).to_contain_text("Play ended")
    assert page.evaluate("window.said") == ["Play started.", "Play ended. Frame 20."]
    live = "output, [role='status'], [role='alert'], [role='log'], [aria-live]"
    assert page.locator(f"#deck :is({live})").count() == 0
    expect(page.locator("[data-scrub]")).to_have_attribute("aria-valuetext", "step 20 of 20")


def test_focus_stays_on_a_tab_chosen_by_keyboard(open_page) -> None:
    page = open_page("/slides/1")
    page.locator(".tabs a", has_text="Imagine").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", "prior")
    expect(page.locator(".tabs a", has_text="Imagine")).to_be_focused()


def test_focus_stays_where_an_answer_was_chosen(open_page) -> None:
    page = open_page("/slides/8?demo=quiz")
    choice = '<a class="button" href="?guess=vae" data-set="guess" data-value="vae">VAE</a>'
    told = "VAE drew them."
    page.route(
        "**/play?*",
        lambda r: r.fulfill(
            content_type="text/event-stream",
            body=f"data: {frame(1, 1, told if 'guess=vae' in r.request.url else choice)}\n\n",
        ),
    )
    page.reload()  # a page opened before might still ask past the route
    page.keyboard.press("Enter")
    page.locator(".frame a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".frame.current")).to_contain_text(told)
    expect(page.locator("[data-frames]")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.stage') !== null")


def test_next_can_be_pressed_by_keyboard_again_and_again(open_page) -> None:
    page = open_page("/slides/2")
    page.locator("[data-go='next']").focus()
    for number in ("3", "4"):
        page.keyboard.press("Enter")
        expect(page.locator(".slide")).to_have_attribute("data-number", number)
        expect(page.locator("[data-go='next']")).to_be_focused()


def test_single_keys_can_be_switched_off(open_page) -> None:
    page = open_page("/slides/3")
    page.get_by_role("button", name="Help").click()
    page.get_by_label("Single keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    for key in "npbfosg.?B":
        page.keyboard.press(key)
    expect(page.locator(".slide")).to_have_attribute("data-number", "3")
    expect(page.locator("#blackout")).to_be_hidden()
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("PageDown")
    expect(page.locator(".slide")).to_have_attribute("data-number", "4")
    page.get_by_role("button", name="Help").click()
    expect(page.get_by_label("Single keys")).not_to_be_checked()
    page.get_by_label("Single keys").check()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator("#blackout")).to_be_visible()


def test_the_presenter_view_heeds_the_switch_and_has_it(open_page) -> None:
    page = open_page("/presenter")
    expect(page.locator("[data-alone]")).to_be_visible()
    page.get_by_label("Single keys").uncheck()
    page.keyboard.press("n")
    expect(page.locator("[data-where]")).to_have_text("Cover")
    page.keyboard.press("PageDown")
    expect(page.locator("[data-where]")).to_have_text("Slide 1 of 8")


def test_reduced_motion_is_calm_and_agrees_with_itself(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&num_steps=12", reduced_motion="reduce")
    page.evaluate(
        """() => { window.seen = [];
          const look = () => {
            const shown = [...document.querySelectorAll(".frame")].filter(f => f.offsetParent);
            if (shown.length) window.seen.push([shown.length, shown[0].dataset.step,
              document.querySelector("[data-counter]").textContent,
              document.querySelector("[data-scrub]").value]);
            if (!document.querySelector(".frame.current[data-done]")) requestAnimationFrame(look);
            else window.ended = true;
          };
          requestAnimationFrame(look); }"""
    )
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.ended", timeout=60_000)
    seen = page.evaluate("window.seen")
    assert {count for count, *_ in seen} == {1}
    assert all(counter == f"{step} / 12" for _, step, counter, _ in seen)
    changes = sum(a[1] != b[1] for a, b in pairwise(seen))
    assert changes <= 1, "the picture moves"
    expect(page.locator("[data-counter]")).to_have_text("12 / 12")
    expect(page.locator(".frame.current")).to_have_attribute("data-step", "12")


@pytest.mark.parametrize(
    "path", ["/", *(f"/slides/{d.slide}?demo={d.name}" for d in DEMOS), "/about"]
)
def test_at_four_hundred_percent_it_reflows_and_shows_what_has_the_focus(
    open_page, path: str
) -> None:
    page = open_page(path, viewport={"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for _ in range(60):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => { const e = document.activeElement;
              if (e === document.body || e.closest(".skip")) return null;
              const r = e.getClientRects()[0];
              const middle = (a, b, end) => (Math.max(0, a) + Math.min(end, b)) / 2;
              const at = document.elementFromPoint(
                middle(r.left, r.right, 320), middle(r.top, r.bottom, 256));
              return { name: e.outerHTML.slice(0, 80),
                shown: Boolean(at) && (e.contains(at) || at.contains(e)) }; }"""
        )
        if place is None:
            break
        assert place["shown"], place["name"]


def test_the_focus_is_not_hidden_behind_the_bar_of_a_phone(open_page) -> None:
    page = open_page("/slides/4", viewport={"width": 390, "height": 844})
    for _ in range(30):
        page.keyboard.press("Tab")
        bar = page.locator(".tools").bounding_box()
        focused = page.evaluate_handle("document.activeElement").as_element()
        if focused is None or focused.evaluate("e => Boolean(e.closest('.tools'))"):
            break
        box = focused.bounding_box()
        assert not bar or not box or box["y"] + min(box["height"], 40) <= bar["y"] + 1
    else:
        pytest.fail("the bar was never reached")
