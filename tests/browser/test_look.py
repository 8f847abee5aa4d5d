"""The look: nothing clipped, nothing overflowing, nothing inaccessible, at three sizes."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.demos import DEMOS
from tests.support.look import at_all_sizes, check_page, check_stage

PAGES = ["/", *(f"/slides/{n}" for n in range(1, 9)), "/about"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_clipped(open_page, path: str) -> None:
    page = open_page(path)
    page.evaluate("document.fonts.ready.then(() => true)")
    for size in at_all_sizes(page):
        check_page(page, size)
        for tab in page.locator(".fact-tabs button").all():
            tab.click()
            check_page(page, size)


def test_a_decoded_face_is_drawn_larger_than_its_latent(open_page) -> None:
    page = open_page("/slides/7?demo=prompt")
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame.current[data-done]", state="attached", timeout=60_000)
    images = page.locator(".frame.current .picture img")
    for size in at_all_sizes(page):
        latent, decoded = (image.bounding_box()["width"] for image in images.all())
        assert decoded > 1.2 * latent, size


SMALLEST = """() => Math.min(...[...document.querySelectorAll(".frame.current .picture img")]
  .map(image => Math.min(image.clientWidth, image.clientHeight)))"""


def test_a_race_on_its_way_is_drawn_as_large_as_at_its_end(open_page) -> None:
    page = open_page("/slides/5?demo=race", reduced_motion="reduce")
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame.current[data-done]", timeout=60_000)
    scrub, pictures = page.locator("[data-scrub]"), page.locator(".frame.current .picture")
    for size in at_all_sizes(page):
        sizes = []
        for shown in (4, 5, 6):
            scrub.fill(str(shown - 1))
            expect(pictures).to_have_count(1)
            expect(page.locator(".frame.current .runner:has(image)")).to_have_count(shown)
            sizes.append(page.evaluate(SMALLEST))
        assert sizes == pytest.approx([sizes[-1]] * 3, abs=2), size


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/", "/slides/1", "/slides/4", "/slides/5", "/slides/6", "/about"]
)
def test_axe_finds_nothing_serious(open_page, path: str, scheme: str) -> None:
    page = open_page(path, color_scheme=scheme, reduced_motion="reduce")
    if path == "/slides/4":
        page.keyboard.press("Enter")
        page.wait_for_selector(".frame.current[data-done]", state="attached", timeout=60_000)
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in serious] == []


LONG = {
    "one word": "x" * 300,
    "stacked accents": "a" + "\u0301\u0302\u0303" * 99,
    "words without end": " ".join(["wonderful", "red", "hair"] * 20)[:300],
}


@pytest.mark.parametrize("text", LONG)
def test_a_long_prompt_stays_on_the_stage(open_page, text: str) -> None:
    page = open_page(f"/slides/4?demo=denoise&num_steps=1&prompt={quote(LONG[text])}")
    page.locator("[data-play]").click()
    page.wait_for_selector(".frame.current[data-done]", state="attached", timeout=60_000)
    check_stage(page)
    for size in at_all_sizes(page):
        image = page.locator(".frame.current .picture img").first
        assert image.bounding_box()["height"] > 80, size
    ink = page.evaluate(
        """() => { const words = document.querySelector(".frame.current .words");
          return getComputedStyle(words).overflowX; }"""
    )
    assert ink == "clip"


def test_no_page_is_wider_than_a_phone(open_page) -> None:
    page = open_page("/")
    for path in [*PAGES, *(f"/slides/{d.slide}?demo={d.name}" for d in DEMOS)]:
        page.goto(path)
        for width in (390, 360, 320):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("name", ["fresh", "flow", "prompt", "reconstruct"])
def test_a_chosen_tab_can_be_read_in_the_light(open_page, name: str) -> None:
    demo = next(d for d in DEMOS if d.name == name)
    page = open_page(f"/slides/{demo.slide}?demo={name}", color_scheme="light")
    found = Axe().run(page, {"include": [[".tabs"]]}).response["violations"]
    assert [v["id"] for v in found] == []
