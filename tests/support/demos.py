"""The demos of the deck, for tests that go through all of them, and those that compose a scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from app.deck.arrangement import arranged
from app.deck.deck import shipped
from app.demos.registry import Demos
from tests.support.finished import Finished

if TYPE_CHECKING:
    from app.context import Context
    from app.demos.demo import Demo
    from app.demos.kit import Scene

DEMOS = tuple(arranged(Demos(), shipped()))


def outline(demo: Demo[Any]) -> Scene | None:
    """The scene of a demo before its Play, if it has one."""
    return demo.outline(cast("Context", Finished()), demo.parameters())


SCENES = tuple(demo for demo in DEMOS if outline(demo) is not None)
