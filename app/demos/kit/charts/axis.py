"""An axis with ticks, a place on it, and a curve over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True)
class Tick:
    """A labelled place of the axis; ``at`` in 0 … 1 from its left end."""

    at: float
    label: str

    @property
    def percent(self) -> str:
        """For SVG."""
        return f"{100 * self.at:.2f}%"


@dataclass(frozen=True, eq=False)
class Axis(Part):
    """A line from left to right.

    Attributes:
        ticks: what stands below it.
        label: what it measures.
        at: where the marker stands, 0 … 1, ``None`` for no marker.
        tail: from where the marker has come: an arrow leads from there to it.
        mark: said at the marker.
        curve: heights in 0 … 1, evenly spaced over the axis; none for a bare line.
    """

    kind: ClassVar[str] = "axis"

    ticks: Sequence[Tick]
    label: str = ""
    at: float | None = None
    tail: float | None = None
    mark: str = ""
    curve: Sequence[float] = ()

    @property
    def points(self) -> str:
        """The curve in an SVG box of 100 × 100."""
        last = max(1, len(self.curve) - 1)
        return " ".join(
            f"{100 * i / last:.1f},{100 - 100 * v:.1f}" for i, v in enumerate(self.curve)
        )

    @property
    def marker(self) -> Tick | None:
        """The marker's place, if it has one."""
        return None if self.at is None else Tick(self.at, self.mark)

    @property
    def begin(self) -> Tick | None:
        """Where the arrow begins, if there is one."""
        return None if self.tail is None else Tick(self.tail, "")
