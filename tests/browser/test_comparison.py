"""Slide 5's table: sorting, and what stands behind a value."""

from __future__ import annotations

from playwright.sync_api import Page, expect

ROWS = ".comparison tbody tr"


def values(page: Page, column: int) -> list[float]:
    cells = page.locator(f"{ROWS} td:nth-of-type({column})")
    shown = cells.evaluate_all("c => c.map(x => x.dataset.value).filter(v => v !== undefined)")
    return [float(value) for value in shown]


def test_headings_sort_best_first_then_worst_first(open_page) -> None:
    page = open_page("/slides/5")
    families = page.locator(f"{ROWS} th").all_inner_texts()
    for name, column, low_is_best in (
        ("quality", 1, True),
        ("stable", 2, True),
        ("diverse", 3, False),
    ):
        heading = page.get_by_role("columnheader", name=name)
        heading.get_by_role("button").click()
        expect(heading).to_have_attribute("aria-sort", "ascending" if low_is_best else "descending")
        assert values(page, column) == sorted(values(page, column), reverse=not low_is_best)
        heading.get_by_role("button").click()
        assert values(page, column) == sorted(values(page, column), reverse=low_is_best)
        assert page.locator(".comparison th[aria-sort]").count() == 1
    assert sorted(page.locator(f"{ROWS} th").all_inner_texts()) == sorted(families)
    page.get_by_role("columnheader", name="control").get_by_role("button").click()
    assert page.locator(f"{ROWS} td:nth-of-type(4)").last.get_attribute("data-value") is None


def test_a_value_opens_its_evidence_and_leads_to_samples(open_page) -> None:
    page = open_page("/slides/5")
    page.locator(f"{ROWS}[data-accent='flow'] td").first.get_by_role("button").click()
    evidence = page.locator(".evidence:popover-open")
    expect(evidence).to_contain_text("Flow, quality: FD")
    expect(evidence).to_contain_text("python -m models.")
    page.keyboard.press("Escape")
    expect(evidence).to_have_count(0)
    value = page.locator(f"{ROWS}[data-accent='flow'] .measured").first
    value.press("Enter")
    evidence.get_by_role("button", name="Close").click()
    expect(evidence).to_have_count(0)
    expect(value).to_be_focused()
    page.locator(f"{ROWS}[data-accent='flow'] td").first.get_by_role("button").click()
    evidence.get_by_role("link").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", "flow")


def test_the_table_is_the_first_tab_wherever_one_comes_from(open_page) -> None:
    page = open_page("/slides/4")
    page.keyboard.press("PageDown")
    expect(page.get_by_role("tab", name="The table")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".comparison")).to_be_visible()
