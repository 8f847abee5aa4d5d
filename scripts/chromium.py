"""The browser that tests and screenshots drive."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "google-chrome")
UNUSED = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,HttpsUpgrades,MediaRouter,OptimizationHints"
"""Every context would load pages for an address bar that nobody sees, which take half the time."""


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium or Chrome without a window, else the one of playwright.

    Raises:
        playwright.sync_api.Error: none of them is installed.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    arguments = ["--no-sandbox", "--disable-gpu", f"--disable-features={UNUSED}"]
    return playwright.chromium.launch(executable_path=found, args=arguments)
