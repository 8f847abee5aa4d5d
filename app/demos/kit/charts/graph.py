"""One quantity over another: a curve of measured points, and the one that is looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part

STEPS = (1, 2, 5)
"""Of a scale, times a power of ten."""


def scale(most: float, marks: int = 4) -> list[int]:
    """Round whole numbers, at least two and about ``marks``, from 0 to ``most`` or beyond it."""
    least = max(1.0, most / marks)
    power = 10 ** math.floor(math.log10(least))
    step = next(s * power for s in (*STEPS, 10) if s * power >= least)
    return [i * step for i in range(max(1, math.ceil(most / step)) + 1)]


@dataclass(frozen=True)
class Mark:
    """A number of a scale; ``at`` in 0 … 1 from its beginning."""

    at: float
    label: str

    @property
    def across(self) -> str:
        """From the left, for SVG."""
        return f"{100 * self.at:.2f}%"

    @property
    def up(self) -> str:
        """From the top, for SVG."""
        return f"{100 - 100 * self.at:.2f}%"


@dataclass(frozen=True, eq=False)
class Graph(Part):
    """Points joined to a curve, both axes from 0.

    Attributes:
        places: x and y of each point in their units, along the curve.
        alt: for those who cannot see it.
        x, y: what the axes measure.
        here: place of the point that is looked at.
        mark: said beside it.
    """

    kind: ClassVar[str] = "graph"

    places: Sequence[tuple[float, float]]
    alt: str
    x: str
    y: str
    here: tuple[float, float] | None = None
    mark: str = ""

    def _numbers(self, axis: int) -> list[int]:
        every = [*self.places, *([self.here] if self.here else [])]
        return scale(max((place[axis] for place in every), default=1.0))

    def _scale(self, axis: int) -> list[Mark]:
        numbers = self._numbers(axis)
        return [Mark(number / numbers[-1], f"{number:g}") for number in numbers]

    @property
    def across(self) -> list[Mark]:
        """Numbers of the lower axis; none before there is a curve."""
        return self._scale(0) if self.places else []

    @property
    def up(self) -> list[Mark]:
        """Numbers of the left axis."""
        return self._scale(1) if self.places else []

    def place(self, at: tuple[float, float]) -> tuple[Mark, Mark]:
        """A place by its shares of both axes."""
        x, y = (v / self._numbers(axis)[-1] for axis, v in enumerate(at))
        return Mark(x, ""), Mark(y, "")

    @property
    def dots(self) -> list[tuple[Mark, Mark]]:
        """The points of the curve."""
        return [self.place(at) for at in self.places]

    @property
    def point(self) -> tuple[Mark, Mark] | None:
        """The one that is looked at."""
        return self.place(self.here) if self.here else None

    @property
    def line(self) -> str:
        """The curve in an SVG box of 100 × 100."""
        return " ".join(f"{100 * x.at:.2f},{100 - 100 * y.at:.2f}" for x, y in self.dots)
