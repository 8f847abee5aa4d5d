"""The choice of data set, and the twin of diffusion, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from models.data.fashion import CLASSES
from tests.support.more import open_more

DONE = ".frame.current[data-done]"
SIZES = "imgs => imgs.map(i => [i.naturalWidth, i.naturalHeight])"


def play(page: Page) -> None:
    page.locator("#deck").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE, state="attached", timeout=45_000)


def is_sheet(side: int, size: list[int]) -> bool:
    """Whether a picture may be a grid of such images, with its gaps of two pixels."""
    return all((length + 2) % (side + 2) == 0 for length in size)


@pytest.mark.parametrize(
    "address", ["/slides/3?demo=flow", "/slides/3?demo=tokens", "/slides/4?demo=denoise"]
)
def test_the_data_set_is_chosen_in_the_controls(open_page, address: str) -> None:
    page = open_page(address)
    open_more(page)
    page.get_by_label("Data").select_option("fashion")
    play(page)
    expect(page).to_have_url(re.compile("dataset=fashion"))
    expect(page.get_by_label("Data")).to_have_value("fashion")
    sizes = page.eval_on_selector_all(".frame.current img", SIZES)
    assert sizes
    assert [size for size in sizes if not is_sheet(28, size)] == []
    assert not any(is_sheet(64, size) for size in sizes)


@pytest.mark.parametrize(
    ("dataset", "blocks", "end"), [("faces", 4, "noise"), ("fashion", 2, "2 of 2")]
)
def test_a_flow_counts_its_own_blocks(open_page, dataset: str, blocks: int, end: str) -> None:
    page = open_page(f"/slides/3?demo=flow&dataset={dataset}")
    play(page)
    notes = page.locator(".frame-note")
    said = f"0 of {blocks} invertible blocks undone."
    expect(notes.filter(has_text=said)).to_have_count(1)
    expect(page.locator(".frame.current .frame-note")).to_contain_text(end)


def test_guidance_of_the_flow_changes_what_the_same_noise_becomes(open_page) -> None:
    page = open_page("/slides/3?demo=flow")
    ends = []
    for scale in ("1", "4"):
        page.get_by_role("slider", name="Guidance", exact=True).fill(scale)
        expect(page.locator("label", has_text="Guidance").locator("[data-value]")).to_have_text(
            scale
        )
        play(page)
        expect(page).to_have_url(re.compile(f"guidance_scale={scale}"))
        ends.append(page.locator(".frame.current .result img").get_attribute("src"))
        first = page.locator(".frame img").first.get_attribute("src")
        ends.append(first)
    assert ends[1] == ends[3]  # the noise
    assert ends[0] != ends[2]


def test_a_prompt_names_a_kind_of_clothing(open_page) -> None:
    page = open_page("/slides/4?demo=denoise&dataset=fashion&num_steps=3")
    play(page)
    expect(page.locator(".frame.current .words-note")).to_contain_text(CLASSES[-1])
    page.locator("input[name='prompt']").fill("a shiny sneaker")
    play(page)
    expect(page.locator(".frame.current .words-read > span")).to_have_text("sneaker")
    expect(page.locator(".frame.current .words s").nth(1)).to_contain_text("shiny")


def test_the_twins_take_the_steps_that_are_asked_for(open_page) -> None:
    page = open_page("/slides/6?demo=paths&num_steps=1")
    play(page)
    expect(page.locator("[data-counter]")).to_have_text("1 / 1")
    lengths = page.locator(".frame.current .bar-text")
    expect(lengths).to_have_text(["1.00", "1.00"])  # one step is a straight line
    open_more(page)
    page.locator("input[name='num_steps']").fill("8")
    play(page)
    expect(page.locator("[data-counter]")).to_have_text("8 / 8")
    expect(page.locator(".frame.current .picture.result figcaption")).to_have_text(
        ["Diffusion", "Flow matching"]
    )
    assert all(float(text) > 1 for text in lengths.all_inner_texts())
