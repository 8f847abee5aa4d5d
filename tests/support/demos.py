"""The demos of the deck, for tests that go through all of them."""

from __future__ import annotations

from app.demos.registry import Demos

DEMOS = tuple(Demos())
