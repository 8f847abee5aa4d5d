"""Slide 5's plane: how good a family's faces are, against how long it takes to draw them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.context import Context
from app.deck.comparison import FAMILIES
from app.demos.kit.charts.labels import Label, Place, placed

WIDTH, HEIGHT = 100.0, 66.0
"""Of the plane, in units of which a letter is :data:`LETTER` wide and a line :data:`ROW` high."""
LETTER, ROW, DOT = 2.0, 4.4, 2.2
MARGIN = 1.6
"""By how much the scale of time reaches beyond the fastest and the slowest."""


@dataclass(frozen=True)
class Spot:
    """A family's place.

    Attributes:
        accent: its colour.
        name: of the family.
        remark: both values in words.
        label: where its name stands.
    """

    accent: str
    name: str
    remark: str
    label: Label


@dataclass(frozen=True)
class Tradeoff:
    """All families, and where powers of ten of a second stand below them."""

    spots: Sequence[Spot]
    ticks: Sequence[tuple[float, str]]
    width: float = WIDTH
    height: float = HEIGHT


def tradeoff(context: Context) -> Tradeoff | None:
    """From the cards' measured values, the best on top and the fastest on the left.

    ``None`` where fewer than two are measured.
    """
    known = {}
    for model in FAMILIES:
        measured = context.card(model).get("measured", {})
        distance = measured.get("samples", {}).get("frechet")
        seconds = measured.get("speed", {}).get("seconds_16")
        if distance is not None and seconds is not None:
            known[model] = (float(seconds), float(distance))
    return _plane(tuple(known.items())) if len(known) > 1 else None


@lru_cache(8)
def _plane(known: tuple[tuple[str, Place], ...]) -> Tradeoff:
    """The names' places are looked for once for the same values."""
    times, distances = zip(*(values for _, values in known), strict=True)
    low, high = math.log10(min(times) / MARGIN), math.log10(max(times) * MARGIN)

    def across(seconds: float) -> float:
        return WIDTH * (math.log10(seconds) - low) / (high - low)

    points = [(across(t), HEIGHT * d / (1.12 * max(distances))) for t, d in map(_values, known)]
    sizes = [(LETTER * len(FAMILIES[model]), ROW) for model, _ in known]
    labels = placed(points, sizes, (WIDTH, HEIGHT), DOT)
    spots = [
        Spot(
            model.removesuffix("-diffusion"), FAMILIES[model],
            f"{t:.2f} s for sixteen faces, FD {d:.0f}", label,
        )
        for (model, (t, d)), label in zip(known, labels, strict=True)
    ]  # fmt: skip
    powers = range(math.ceil(low), math.floor(high) + 1)
    return Tradeoff(spots, [(across(10.0**power), f"{10.0**power:g} s") for power in powers])


def _values(item: tuple[str, Place]) -> Place:
    return item[1]
