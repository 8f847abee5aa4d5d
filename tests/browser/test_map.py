"""The latent map: its point is dragged or moved by keys, and the decoder follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FloatRect, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Open

SHOWN = ".frame.current[data-done]"
MAP = f"{SHOWN} [data-handle]"
DECODED = f"{SHOWN} .result img"


@pytest.fixture
def latent(open_page: Open) -> Page:
    """The map after its first Play."""
    page = open_page("/slides/1?demo=map")
    page.keyboard.press("Enter")
    page.wait_for_selector(SHOWN)
    return page


def seen(page: Page) -> FloatRect:
    """The map on the screen, which stays where it is while frames come and go."""
    page.wait_for_selector(SHOWN)
    box = page.locator(MAP).bounding_box()
    assert box is not None
    return box


def place(box: FloatRect, x: float, y: float) -> tuple[float, float]:
    """Where a place of the map is on the screen."""
    reach = 100 / 216
    return (
        box["x"] + box["width"] * (0.5 + reach * x),
        box["y"] + box["height"] * (0.5 - reach * y),
    )


def chosen(page: Page) -> tuple[float, float]:
    """The fields' values."""
    x, y = (float(page.locator(f"input[name='{name}']").input_value()) for name in "xy")
    return x, y


def test_a_dragged_point_is_decoded_while_it_moves(latent: Page) -> None:
    box, pictures = seen(latent), {latent.locator(DECODED).get_attribute("src")}
    latent.mouse.move(*place(box, 0, 0))
    latent.mouse.down()
    for x in (0.2, 0.4, 0.6):
        latent.mouse.move(*place(box, x, -x), steps=3)
        expect(latent).to_have_url(re.compile(rf"x={x:g}\d*&y=-{x:g}"))
        expect(latent.locator(DECODED)).not_to_have_attribute("src", re.compile("^$"))
        point = latent.locator(f"{MAP} [data-point]")
        expect(point).to_have_attribute("cx", re.compile(rf"{100 * x:.0f}"))
        pictures.add(latent.locator(DECODED).get_attribute("src"))
    latent.mouse.up()
    assert len(pictures) == 4
    before = chosen(latent)
    latent.mouse.move(*place(box, -0.5, 0.5))  # a point that is let go stays where it is
    assert chosen(latent) == before == pytest.approx((0.6, -0.6), abs=0.02)


def test_arrow_keys_move_the_point_and_not_the_deck(latent: Page) -> None:
    latent.locator(MAP).focus()
    before = latent.locator(DECODED).get_attribute("src")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "ArrowDown"):
        latent.keyboard.press(key)
    assert chosen(latent) == pytest.approx((0.05, -0.05))
    expect(latent).to_have_url(re.compile("x=0.05&y=-0.05"))
    expect(latent.locator(DECODED)).not_to_have_attribute("src", before or "")
    expect(latent.locator(MAP)).to_be_focused()
    expect(latent.locator(".slide")).to_have_attribute("data-number", "1")


def test_a_point_that_was_dragged_leaves_the_keys_to_the_deck(latent: Page) -> None:
    latent.mouse.click(*place(seen(latent), 0.3, 0.3))
    expect(latent).to_have_url(re.compile("x=0.3"))
    latent.keyboard.press("ArrowRight")
    expect(latent.locator(".slide")).to_have_attribute("data-number", "2")


def test_the_point_stays_in_the_map(latent: Page) -> None:
    box = seen(latent)
    latent.mouse.move(*place(box, 0, 0))
    latent.mouse.down()
    latent.mouse.move(*place(box, 1.4, 1.4), steps=4)
    latent.mouse.up()
    assert chosen(latent) == (1, 1)


def test_a_finger_drags_the_point_and_turns_no_page(open_page: Open) -> None:
    page = open_page(
        "/slides/1?demo=map&seed=0", viewport={"width": 390, "height": 844}, has_touch=True
    )
    page.wait_for_selector(SHOWN)
    page.locator(MAP).scroll_into_view_if_needed()
    box = seen(page)
    (x, y), (to, _) = place(box, -0.6, 0), place(box, 0.6, 0)
    touch = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        *(("touchMove", [{"x": x + (to - x) * i / 4, "y": y}]) for i in range(1, 5)),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert chosen(page) == pytest.approx((0.6, 0), abs=0.02)
    expect(page.locator(".slide")).to_have_attribute("data-number", "1")
    expect(page).to_have_url(re.compile(r"x=0\.(6|59)"))


def test_a_slider_of_beta_says_beta_and_the_curve_follows_it(open_page: Open) -> None:
    page = open_page("/slides/1?demo=rate")
    page.keyboard.press("Enter")
    page.wait_for_selector(SHOWN)
    slider = page.locator("input[name='log_beta']")
    expect(slider).to_have_attribute("aria-valuetext", "100")
    expect(page.locator(f"{SHOWN} .graph-mark")).to_have_text("β = 100")
    slider.fill("2.5")
    expect(slider).to_have_attribute("aria-valuetext", "320")
    expect(page.locator(".control [data-value]").first).to_have_text("320")
    expect(page.locator(f"{SHOWN} .graph-mark")).to_have_text("β = 320")
    expect(page).to_have_url(re.compile(r"log_beta=2\.5"))


def test_without_scripts_a_point_is_chosen_by_fields(open_page: Open) -> None:
    page = open_page("/slides/1?demo=map&x=0.5&y=0.25", java_script_enabled=False)
    expect(page.locator("input[name='x']")).to_have_value("0.5")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".frame [data-handle]").last).to_be_attached()
