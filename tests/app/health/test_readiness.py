"""What stands in the way of class, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from app.context import Context
from app.health.metrics import Metrics
from app.health.readiness import STUCK_SECONDS, faults
from app.settings import Settings
from models.runtime.checkpoint import FOLDER
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from pathlib import Path

    from app.engine import Engine


class StalledEngine:
    """Has had something to do for so long, and has taken no step."""

    def __init__(self, stalled: float) -> None:
        self.stalled = stalled


def context(folder: Path = FOLDER, stalled: float = 0.0) -> Context:
    engine = cast("Engine", StalledEngine(stalled))
    return Context(Settings(), Zoo(folder), engine, Metrics())


@pytest.mark.parametrize(
    ("stalled", "said"), [(0.0, []), (STUCK_SECONDS + 1, ["the engine has taken no step"])]
)
def test_an_engine_that_has_stalled_is_named(stalled: float, said: list[str]) -> None:
    reasons = faults(context(stalled=stalled))
    assert len(reasons) == len(said)
    assert all(part in reason for part, reason in zip(said, reasons, strict=True))


def test_judges_that_no_play_asks_are_not_needed_but_all_else_is(tmp_path: Path) -> None:
    for card in FOLDER.iterdir():
        if "-judge" not in card.name:
            (tmp_path / card.name).symlink_to(card.resolve())
    assert faults(context(tmp_path)) == []
    (tmp_path / "clip.json").unlink()
    assert ["clip.json" in reason for reason in faults(context(tmp_path))] == [True]
