"""The report's pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.evaluation.plots import learned, plot_learning, plot_tradeoff
from models.evaluation.report import curves

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

FIRST = [{"images": 100, "loss": 2.0, "kl": 1.0}, {"images": 200, "loss": 1.0, "kl": 0.5}]
THEN = [{"images": 300, "loss": 0.5}]


def card(name: str, **entries: Any) -> dict[str, Any]:
    measured = {"speed": {"seconds_16": 0.5}, "samples": {"frechet": 50.0}}
    return {"name": name, "measured": measured, **entries}


def test_a_continued_training_is_one_curve() -> None:
    twice = card("twice", curve=THEN, earlier={"curve": FIRST, "earlier": None})
    assert learned(twice) == [*FIRST, *THEN]
    assert learned(card("once", curve=FIRST)) == FIRST
    assert learned(card("before curves were kept")) == []
    late = card("late", curve=THEN, earlier={"curve": None, "earlier": {"curve": FIRST}})
    assert learned(late) == [*FIRST, *THEN]


def test_only_cards_with_a_curve_are_plotted() -> None:
    cards = [card("without"), card("with", curve=FIRST), card("a point", curve=THEN)]
    assert [c["name"] for c in curves(cards)] == ["with"]
    assert curves([card("without")]) == []


def test_every_loss_has_its_line_and_every_card_its_panel(tmp_path: Path) -> None:
    cards = [card(f"model {i}", curve=[*FIRST, *THEN]) for i in range(4)]
    plot_learning(cards, tmp_path / "learning.svg")
    text = (tmp_path / "learning.svg").read_text()
    for i in range(4):
        assert f"<!-- model {i} -->" in text
    assert text.count("<!-- loss -->") == text.count("<!-- kl -->") == 4


def test_models_are_marked_between_speed_and_distance(tmp_path: Path) -> None:
    plot_tradeoff([card("fast"), card("slow")], 20.0, tmp_path / "plot.svg")
    text = (tmp_path / "plot.svg").read_text()
    for label in ("fast", "slow", "real faces", "seconds for sixteen faces"):
        assert f"<!-- {label} -->" in text


def test_the_same_cards_give_the_same_file(tmp_path: Path) -> None:
    files = tmp_path / "a.svg", tmp_path / "b.svg"
    for file in files:
        plot_learning([card("model", curve=FIRST)], file)
    assert files[0].read_bytes() == files[1].read_bytes()
