"""The deck under a path of a reverse proxy."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.routing import Mount

from app.factory import create_app
from app.settings import Settings
from tests.support.serving import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PREFIX = "/deck"


@pytest.fixture(scope="module")
def mounted() -> Iterator[str]:
    """The app under a path of another one; the address of that."""
    inner = create_app(Settings(warm_up=False))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with inner.router.lifespan_context(inner):
            yield

    outer = Starlette(routes=[Mount(PREFIX, app=inner)], lifespan=lifespan)
    with served(outer) as address:
        yield f"{address}{PREFIX}"


@pytest.mark.parametrize("path", ["/", "/slides/5", "/about", "/presenter", "/status", "/docs"])
def test_everything_a_page_names_is_under_the_path(open_page, mounted: str, path: str) -> None:
    page = open_page("about:blank")
    missed: list[str] = []
    page.on("response", lambda r: missed.append(r.url) if r.status >= 400 else None)
    page.on(
        "request",
        lambda r: missed.append(r.url) if not r.url.startswith((mounted, "data:")) else None,
    )
    page.goto(mounted + path)
    page.wait_for_load_state("networkidle")
    assert missed == []
    places = page.eval_on_selector_all(
        "[href], [src], [action], [hx-get], [hx-post]",
        """all => all.flatMap(e => ["href", "src", "action", "hx-get", "hx-post"]
             .map(name => e.getAttribute(name))
             .filter(a => a && a.startsWith("/") && !a.startsWith("/deck/")))""",
    )
    assert places == []


def test_turning_playing_and_changing_work_under_the_path(open_page, mounted: str) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(mounted + "/")
    page.evaluate("localStorage.setItem('autoplay', 'off')")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"/deck/slides/1$"))
    page.locator(".tabs a", has_text="Interpolate").click()
    expect(page.locator("[data-stage]")).to_have_attribute("data-demo", "interpolate")
    page.locator("input[name='a']").fill("77")
    expect(page.locator("[data-thumb]").first).to_have_attribute("src", "/deck/gallery/77.png")
    page.locator("#deck").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".frame.current[data-done]", state="attached", timeout=60_000)
    expect(page).to_have_url(re.compile(r"/deck/slides/1\?demo=interpolate&a=77"))
    page.go_back()
    expect(page.locator(".slide")).to_have_attribute("data-number", "0")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    expect(popup.value).to_have_url(re.compile("/deck/presenter$"))
    assert [url for url in asked if not url.startswith((mounted, "data:"))] == []
