"""One noise: eight columns, the true noise first, and the closest kin beside each other."""

from __future__ import annotations

from tests.support.look import check_stage


def test_the_columns_share_a_noise_and_flow_matching_is_nearest(open_page) -> None:
    page = open_page("/slides/5?demo=noise&seed=0")
    page.wait_for_selector(".frame.current[data-done]", timeout=120_000)
    columns = page.locator(".frame.current .strip-column")
    assert columns.count() == 8
    for column in columns.all():
        assert column.locator("img").count() == 4
    alike = {
        column.locator(".strip-title").inner_text().replace("\u00ad", ""): float(
            column.locator(".bar-text").inner_text().replace("−", "-")
        )
        for column in columns.all()
        if column.locator(".bar-text").count()
    }
    assert len(alike) == 6
    assert max(alike, key=alike.__getitem__) == "Flow matching"
    colors = columns.locator(".strip-title").evaluate_all(
        "all => all.map(e => getComputedStyle(e).color)"
    )
    assert len(set(colors)) == 7  # diffusion and flow matching are one family
    check_stage(page)
