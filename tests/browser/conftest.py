"""A real server and a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.factory import create_app
from app.settings import Settings
from scripts import chromium
from tests.support.serving import served
from tests.support.stand_ins import stand_ins

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., Page]
expect.set_options(timeout=45_000)  # models draw on whatever is free: speed is no matter of tests


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The app as users start it, on a free port; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Coverage is for the tests of app/, in process; here it would only cost time.
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--port", str(port)],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                    break
            except OSError:
                assert process.poll() is None, "the server ended while starting"
                time.sleep(0.1)
        else:
            pytest.fail("the server did not start")
        yield address
        assert process.poll() is None, "the server ended during the tests"
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture(scope="module")
def light_server() -> Iterator[str]:
    """The deck with Plays that need no model; its address."""
    app = create_app(Settings(warm_up=False))
    app.state.context.demos, _ = stand_ins([])
    with served(app) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium; closed after the last of these tests, since playwright runs an event loop
    meanwhile, beside which those of asynchronous tests cannot begin."""
    with sync_playwright() as playwright, chromium.launch(playwright) as running:
        yield running


def watch(page: Page, troubles: list[str]) -> None:
    """Note whatever the console complains of; CSP violations appear there too."""
    page.on(
        "console",
        lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: troubles.append(str(error)))


@pytest.fixture
def troubles() -> list[str]:
    """Console complaints of the pages opened; a test may clear what it provoked."""
    return []


@pytest.fixture
def open_page(server: str, browser: Browser, troubles: list[str]) -> Iterator[Open]:
    """Open an address of the deck in a fresh context; fails the test on console complaints."""
    contexts: list[BrowserContext] = []

    def start(path: str = "/", **options: object) -> Page:
        settings: dict[str, object] = {"viewport": {"width": 1280, "height": 720}, **options}
        context = browser.new_context(base_url=server, **settings)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        watch(page, troubles)
        page.goto(path)
        return page

    yield start
    for context in contexts:
        context.close()
    assert troubles == []
