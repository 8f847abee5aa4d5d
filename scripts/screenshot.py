"""Photograph the running deck: one slide for the README, or everything for review.

python -m scripts.screenshot                    docs/screenshot.png
python -m scripts.screenshot --all build/shots  cover and slides, three sizes, light and dark
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from scripts import chromium
from scripts.serving import ROOT, serving

SIZES = ((1920, 1080), (1280, 720), (390, 844))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SLIDES = 8


def photograph(
    browser: Browser,
    url: str,
    path: Path,
    size: tuple[int, int],
    scheme: Literal["light", "dark"] = "light",
    play: bool = True,
) -> None:
    """One page, after its Play has ended if there is one."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    if play:
        page.keyboard.press("Enter")
        page.wait_for_selector(".frame[data-done]", state="attached", timeout=120_000)
        page.wait_for_timeout(600)  # the player shows the last frame a moment later
        page.evaluate("Promise.all([...document.images].map(i => i.decode().catch(() => {})))")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    print(path)
    context.close()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slide", type=int, default=7, help="for the README (default: 7)")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="photograph everything there")
    args = parser.parse_args()
    with serving() as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        if args.all is None:
            url = f"{address}/slides/{args.slide}"
            photograph(browser, url, ROOT / "docs" / "screenshot.png", (1280, 720))
        else:
            everything(browser, address, args.all)
        browser.close()


def everything(browser: Browser, address: str, folder: Path) -> None:
    """Cover and slides at all sizes, in both schemes."""
    for size in SIZES:
        for scheme in SCHEMES:
            name = f"{size[0]}x{size[1]}-{scheme}"
            photograph(browser, address, folder / f"{name}-0.png", size, scheme, play=False)
            for number in range(1, SLIDES + 1):
                path = folder / f"{name}-{number}.png"
                photograph(browser, f"{address}/slides/{number}", path, size, scheme)


if __name__ == "__main__":
    main()
