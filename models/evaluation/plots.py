"""The report's pictures; only they need matplotlib, serving does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.runtime.checkpoint import Card


def learned(card: Card) -> list[dict[str, float]]:
    """A card's learning curve from the first training on; parts that kept none are left out."""
    before = learned(card["earlier"]) if card.get("earlier") else []
    return [*before, *(card.get("curve") or [])]


def plot_tradeoff(cards: Sequence[Card], floor: float, path: Path) -> None:
    """Fréchet distance against seconds for sixteen faces, both logarithmic."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "evidence"
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for card in cards:
        measured = card["measured"]
        place = measured["speed"]["seconds_16"], measured["samples"]["frechet"]
        axes.scatter(*place, s=60)
        axes.annotate(card["name"], place, xytext=(6, 6), textcoords="offset points")
    axes.axhline(floor, linestyle="--", color="gray")
    axes.annotate("real faces", (axes.get_xlim()[0], floor), xytext=(4, 4),
                  textcoords="offset points")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="seconds for sixteen faces",
             ylabel="Fréchet distance (judge features)")  # fmt: skip
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def plot_learning(cards: Sequence[Card], path: Path) -> None:
    """Every loss of every card's learning curve over the images trained on, one panel a card."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "learning"
    columns = min(3, len(cards))
    rows = -(-len(cards) // columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(4 * columns, 2.8 * rows), layout="constrained", squeeze=False
    )
    for axes, card in zip(grid.flat, cards, strict=False):
        points = learned(card)
        for loss in dict.fromkeys(key for point in points for key in point if key != "images"):
            seen = [p for p in points if loss in p]
            axes.plot([p["images"] / 1000 for p in seen], [p[loss] for p in seen], label=loss)
        axes.set(title=card["name"], xlabel="thousand images")
        axes.legend(fontsize="small")
    for axes in grid.flat[len(cards) :]:
        axes.axis("off")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
