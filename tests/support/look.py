"""What a page must look like at three sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

SIZES = {"hall": (1920, 1080), "laptop": (1280, 720), "phone": (390, 844)}
CLIPPED = """() => [...document.querySelectorAll(
    "h1, h2, p, li, button, a, label, dt, dd, td, th, figcaption, .bar-text")]
  .filter(e => e.checkVisibility() && e.offsetParent)
  .filter(e => !e.closest(".visually-hidden, dialog, .frame-note, .skip, .cover .gift")
    && !e.matches(".node")) // whose words stand beside it
  .filter(e => e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== "inline")
  .map(e => e.className + ": " + e.textContent.trim().slice(0, 60))"""

OUTSIDE = """() => {
  const frame = document.querySelector(".frames").getBoundingClientRect();
  return [...document.querySelectorAll(".frame.current .part")]
    .filter(p => p.checkVisibility())
    .filter(p => { const r = p.getBoundingClientRect();
      return r.left < frame.left - 2 || r.right > frame.right + 2
        || r.top < frame.top - 2 || r.bottom > frame.bottom + 2; })
    .map(p => p.className + ": " + p.textContent.trim().slice(0, 40));
}"""

OVERLAP = """() => {
  const boxes = [...document.querySelectorAll(".side, .stage, .strip")]
    .map(e => [e.className, e.getBoundingClientRect(), e.scrollHeight - e.clientHeight]);
  const wrong = boxes.filter(([, , over]) => over > 2).map(([name]) => name + " overflows");
  const [side, stage, strip] = boxes.map(b => b[1]);
  if (strip && side && side.bottom > strip.top + 2) wrong.push("side over strip");
  if (strip && stage && stage.bottom > strip.top + 2) wrong.push("stage over strip");
  return wrong;
}"""


def sized(size: str) -> dict[str, object]:
    width, height = SIZES[size]
    return {"viewport": {"width": width, "height": height}}


def at_all_sizes(page: Page) -> Iterator[str]:
    """The name of each size, while the page has it."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        yield size


def check_page(page: Page, size: str) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size][0]
    assert page.evaluate(CLIPPED) == []
    if size != "phone" and page.locator(".stage").count():
        assert page.evaluate(OVERLAP) == []
        assert page.evaluate("document.documentElement.scrollHeight") <= SIZES[size][1]


def check_stage(page: Page) -> None:
    """A finished Play stays on its stage at all sizes."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('.frame.current img')].every(i => i.complete)"
    )
    for size in at_all_sizes(page):
        check_page(page, size)
        outside = page.evaluate(OUTSIDE)
        assert outside == [], f"{size}: {outside}"
