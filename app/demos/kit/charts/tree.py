"""A family tree along the years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part

YEAR = 7.35
"""Width of a year in percent of the tree's."""
LANE = 32.4
"""Height of a lane in percent of the tree's."""

Place = tuple[float, float]
"""Years since the first, and a lane, counted from 0; its middle is whole."""


@dataclass(frozen=True, eq=False)
class Node:
    """What came in a year.

    Attributes:
        year: when it came.
        lane: 0, 1 or 2.
        title: its words, in lines.
        accent: family whose colour it wears.
        slide, query: the Play it leads to.
        side: of its picture, on which its words stand.
        low: whether they stand in the lower half.
        beside: the year of another's picture, beside which the words of one without stand.
        model: what draws its picture; it has none without.
        image: [3, H, W], an outline as long as there is none.
        alt: for those who cannot see it.
        reached: whether the years have come to it.
        lit: whether it is the latest.
    """

    year: int
    lane: int
    title: str
    accent: str
    slide: int
    query: str = ""
    side: Literal["left", "right", "below", "here"] = "right"
    low: bool = False
    beside: int = 0
    model: str = ""
    image: Tensor | None = None
    alt: str = ""
    reached: bool = False
    lit: bool = False

    @property
    def words(self) -> str:
        """Its title on one line."""
        return self.title.replace("\n", " ")

    @property
    def src(self) -> str:
        """The image's ``data:`` address."""
        assert self.image is not None
        return data_uri(self.image)


@dataclass(frozen=True)
class Branch:
    """A line of descent; from one lane to another it bends half-way.

    Attributes:
        places: through which it leads.
        accent: family whose colour it wears.
        gift: what is handed on, in lines.
        at: where that stands, above the line.
        reached: whether the years have come to its end.
    """

    places: Sequence[Place]
    accent: str
    gift: str = ""
    at: Place = (0, 0)
    reached: bool = False

    @property
    def across(self) -> str:
        """The way of an SVG of 100 × 100 whose years go to the right."""
        return _way([(YEAR * x, _height(y)) for x, y in self.places])

    @property
    def down(self) -> str:
        """The same for years that go down."""
        return _way([(_height(y), YEAR * x) for x, y in self.places], down=True)


def _height(lane: float) -> float:
    return 50 + LANE * (lane - 1)


def _way(points: Sequence[Place], down: bool = False) -> str:
    begin = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    return begin + "".join(_steps(points, down))


def _steps(points: Sequence[Place], down: bool) -> Iterator[str]:
    for (x, y), (to_x, to_y) in pairwise(points):
        half = (y + to_y) / 2 if down else (x + to_x) / 2
        bends = ((x, half), (to_x, half)) if down else ((half, y), (half, to_y))
        yield "C" + " ".join(f"{u:.1f} {v:.1f}" for u, v in (*bends, (to_x, to_y)))


@dataclass(frozen=True, eq=False)
class Tree(Part):
    """Nodes at their years in three lanes, and the lines between them.

    Attributes:
        first, last: years of the axis.
        now: the year that has been reached, 0 for none.
    """

    kind: ClassVar[str] = "tree"

    nodes: Sequence[Node]
    branches: Sequence[Branch]
    first: int
    last: int
    now: int = 0

    @property
    def years(self) -> range:
        """All of the axis."""
        return range(self.first, self.last + 1)
