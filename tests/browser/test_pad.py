"""A Play that starts from a drawing: by mouse, by keyboard, from a link."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import uvicorn

from app.demos.registry import PACKAGES
from app.factory import create_app
from app.inputs import Inputs
from app.settings import Settings
from models.runtime.zoo import Zoo
from tests.support.additions import TRACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.conftest import Write


@pytest.fixture
def deck(write: Write) -> Iterator[str]:
    """The address of a deck with one Play more, which shows what was drawn."""
    write({"sketches/trace.py": TRACE})
    app = create_app(Settings(warm_up=False), Zoo(), (*PACKAGES, "sketches"))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/slides/3?demo=trace"
        server.should_exit = True
        thread.join()


def drawn(page: Page) -> np.ndarray:
    """What the field spells out, [64, 64]."""
    text = page.locator(".pad input").input_value()
    if not text:
        return np.zeros((64, 64), np.int64)
    return Inputs().tensor("drawing", text)[0, 0].numpy().astype(np.int64)


def test_a_line_is_drawn_played_and_linked(deck: str, open_page: Open) -> None:
    page = open_page(deck)
    box = page.locator(".pad canvas").bounding_box()
    assert box is not None
    places = [(box["x"] + box["width"] * u, box["y"] + box["height"] / 2) for u in (0.25, 0.75)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=3)
    page.mouse.up()
    line = drawn(page)
    assert line[32, 17:47].all()
    assert line[:28].sum() == line[36:].sum() == line[:, :12].sum() == line[:, 52:].sum() == 0
    page.get_by_role("button", name="Play").click()
    page.get_by_text(f"{line.sum()} places are drawn.").first.wait_for()
    page.wait_for_function("location.search.includes('drawing=')")
    (spelled,) = parse_qs(urlsplit(page.url).query)["drawing"]
    assert spelled == page.locator(".pad input").input_value()
    again = open_page(page.url)
    assert (drawn(again) == line).all()
    seen = again.locator(".pad canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 64, 64).data].filter((_, i) => i % 4 == 0)"
    )
    assert ((np.array(seen).reshape(64, 64) < 128) == line).all()
    again.get_by_role("button", name="Clear").click()
    assert drawn(again).sum() == 0


def test_it_is_drawn_by_keyboard_while_the_deck_keeps_its_slide(deck: str, open_page: Open) -> None:
    page = open_page(deck)
    pad = page.locator(".pad canvas")
    page.keyboard.press("Tab")
    pad.focus()
    for key in ("ArrowLeft", "Enter", *["ArrowDown"] * 4, "Enter", "ArrowRight"):
        page.keyboard.press(key)
    line = drawn(page)
    assert line[32:40, 30].all()
    assert line[:, 34:].sum() == line[:30].sum() == 0
    assert "percent drawn" in (pad.get_attribute("aria-label") or "")
    assert "/slides/3" in page.url
