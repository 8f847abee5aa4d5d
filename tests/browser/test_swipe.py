"""Swiping: only a finger that means nothing else turns the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

PHONE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}
SWIPE = """([selector, between]) => {
  const target = document.querySelector(selector);
  const at = (x, id = 1) => new Touch({ identifier: id, target, clientX: x, clientY: 60 });
  const fire = (type, touches, changed) => target.dispatchEvent(
    new TouchEvent(type, { bubbles: true, touches, changedTouches: changed }));
  fire("touchstart", [at(320)], [at(320)]);
  if (between === "second finger") fire("touchmove", [at(300), at(100, 2)], [at(300)]);
  if (between === "page scrolled") scrollTo(0, 200);
  if (between === "box scrolled") target.dispatchEvent(new Event("scroll"));
  if (between === "cancelled") fire("touchcancel", [], [at(300)]);
  if (between === "selected") getSelection().selectAllChildren(target);
  fire("touchend", [], [at(90)]);
}"""


def swipe(page: Page, between: str = "", target: str = "h1") -> None:
    page.evaluate(SWIPE, [target, between])
    page.wait_for_timeout(100)


def slide(page: Page, number: int) -> None:
    expect(page.locator(".slide")).to_have_attribute("data-number", str(number))


@pytest.mark.parametrize(
    "between", ["second finger", "page scrolled", "box scrolled", "cancelled", "selected"]
)
def test_a_finger_that_means_something_else_turns_nothing(open_page, between: str) -> None:
    page = open_page("/slides/1", **PHONE)
    swipe(page, between)
    slide(page, 1)
    page.evaluate("scrollTo(0, 0); getSelection().removeAllRanges()")
    swipe(page)
    slide(page, 2)


def test_an_enlarged_page_is_panned_and_not_turned(open_page) -> None:
    page = open_page("/slides/1", **PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2.5})
    page.wait_for_function("() => visualViewport.scale > 2")
    swipe(page)
    slide(page, 1)
    session.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
    page.wait_for_function("() => visualViewport.scale < 1.01")
    swipe(page)
    slide(page, 2)


def test_what_scrolls_sideways_is_scrolled_and_not_turned(open_page) -> None:
    page = open_page("/slides/1", **PHONE)
    page.evaluate(
        """() => { const box = document.querySelector(".hint");
          box.style.overflowX = "auto"; box.style.whiteSpace = "nowrap"; }"""
    )
    swipe(page, target=".hint")
    slide(page, 1)
    swipe(page)
    slide(page, 2)
