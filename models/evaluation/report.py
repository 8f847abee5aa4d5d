"""The report ``docs/evidence.md``, written from the cards and the references alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.evaluation.evidence import sampling_models
from models.evaluation.plots import learned, plot_learning, plot_tradeoff
from models.evaluation.prose import paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Card
    from models.runtime.zoo import Zoo

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
REFERENCES = DOCS / "evidence.json"
REPORT = DOCS / "evidence.md"
PLOT = DOCS / "evidence.svg"
LEARNING = DOCS / "learning.svg"


def load_references(path: Path = REFERENCES) -> dict[str, Any]:
    """What :func:`write_references` wrote; empty before the first time."""
    if not path.exists():
        return {}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def write_references(measured: dict[str, Any], path: Path = REFERENCES) -> None:
    """Keep what floors and spoilt sets score, by world."""
    path.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def curves(cards: Sequence[Card]) -> list[Card]:
    """Those whose card keeps a learning curve of more than a point."""
    return [card for card in cards if len(learned(card)) > 1]


def report(cards: Sequence[Card], known: dict[str, Any], photos: Sequence[Card] = ()) -> str:
    """The whole report as Markdown.

    Args:
        cards: of the models of faces, some of which draw further worlds.
        known: world → what its references score; and of how many samples, ``count``.
        photos: cards of the models of Fashion-MNIST.
    """
    return "".join(paragraphs(cards, known, photos, curves([*cards, *photos])))


def measured_cards(zoo: Zoo, dataset: str = "faces") -> list[Card]:
    """Cards of the models that were evaluated."""
    shipped = {path.stem for path in zoo.folder.glob("*.json")}
    cards = [zoo.card(name) for name in sampling_models(dataset) if name in shipped]
    return [card for card in cards if "evaluation" in card["measured"]]


def write_report(zoo: Zoo) -> None:
    """Write report and plot from what the cards hold; models not yet measured are left out."""
    cards, photos = measured_cards(zoo), measured_cards(zoo, "fashion")
    known = load_references()
    REPORT.write_text(report(cards, known, photos), encoding="utf-8")
    plot_tradeoff(cards, known["faces"]["floor"]["frechet"], PLOT)
    if traced := curves([*cards, *photos]):
        plot_learning(traced, LEARNING)
