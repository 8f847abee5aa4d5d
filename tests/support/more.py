"""The controls of a stage that are behind its button."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def open_more(page: Page) -> None:
    """Show them, as a press of the button does, without moving the focus."""
    page.evaluate("document.querySelector('[data-more]').open = true")
