"""Changing the tab: every press counts, and a stage that does not come leaves the old one."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, Route, expect

STAGE = "**/slides/*/stage?*"
PRESS = """count => { for (let i = 0; i < count; i += 1) dispatchEvent(
  new KeyboardEvent("keydown", { key: "d", code: "KeyD", cancelable: true })); }"""


def stage(page: Page, demo: str) -> None:
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", demo)


def tabs(page: Page) -> list[str]:
    addresses = page.locator(".tabs a").evaluate_all("all => all.map(a => a.href)")
    return [address.split("demo=")[1] for address in addresses]


def test_three_presses_at_once_move_three_tabs(open_page) -> None:
    page = open_page("/about")

    def late(route: Route) -> None:
        time.sleep(0.2)
        route.continue_()

    page.route(STAGE, late)  # a page opened before might still ask past the route
    page.goto("/slides/3?demo=roundtrip")
    names = tabs(page)
    wanted = names[(names.index("roundtrip") + 3) % len(names)]
    page.evaluate(PRESS, 3)
    stage(page, wanted)
    expect(page).to_have_url(re.compile(f"demo={wanted}"))
    page.keyboard.press("Shift+D")
    stage(page, names[names.index(wanted) - 1])


def test_a_tab_that_does_not_come_leaves_the_play(open_page, troubles: list[str]) -> None:
    page = open_page("/about")
    refused: list[bool] = [True]
    page.route("**/play?*", lambda route: None)  # it never comes
    page.route(STAGE, lambda route: route.abort() if refused else route.continue_())
    page.goto("/slides/1?demo=reconstruct")
    page.keyboard.press("Enter")
    expect(page.locator(".report")).to_have_text("Asking …")
    page.keyboard.press("d")
    expect(page.locator("#notice")).to_contain_text("did not come")
    expect(page.locator("#announcer")).to_contain_text("did not come")
    stage(page, "reconstruct")
    expect(page.locator(".report")).to_have_text("Asking …")
    assert page.locator("[data-player].running").count() == 1
    refused.clear()
    page.get_by_role("button", name="Retry").click()
    stage(page, tabs(page)[1])
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator(".report")).to_have_text("")
    troubles.clear()  # the browser itself reports what did not come
