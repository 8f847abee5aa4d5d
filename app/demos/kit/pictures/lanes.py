"""Pictures of two kinds on both sides of an axis, each joined to its place on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.charts.axis import Tick
from app.demos.kit.part import Part


@dataclass(frozen=True)
class Lane:
    """Pictures of one kind.

    Attributes:
        images: float [n, 3, H, W] in [-1, 1], or ``None`` before there are any.
        places: of each on the axis, 0 … 1; empty before they are known.
        alt: for those who cannot see them.
        name: see :attr:`Part.name`.
        result: see :attr:`Part.result`.
    """

    images: Tensor | None
    places: Sequence[float]
    alt: str
    name: str = ""
    result: bool = False

    def sources(self, count: int) -> list[str]:
        """``data:`` addresses, empty for a blank place."""
        if self.images is None:
            return [""] * count
        return [data_uri(image) for image in self.images]


@dataclass(frozen=True, eq=False)
class Lanes(Part):
    """Two lanes and the axis between them; the pictures stand in their order, left to right.

    Attributes:
        above, below: the lanes.
        low, high: what is said at the axis's ends.
        ticks: on it.
        count: pictures of a lane.
    """

    kind: ClassVar[str] = "lanes"

    above: Lane
    below: Lane
    low: str
    high: str
    ticks: Sequence[Tick] = ()
    count: int = 4

    def lines(self, lane: Lane) -> Iterator[tuple[str, str]]:
        """From the middle of each picture to its place, in percent of the width."""
        for i, place in enumerate(lane.places):
            yield f"{100 * (i + 0.5) / self.count:.1f}%", f"{100 * place:.1f}%"
