"""Many values as thin bars, the largest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Spectrum(Part):
    """Bars beside one another, as many as there are values.

    Attributes:
        values: in any order, each at least 0.
        most: height of the room; what is higher is cut.
        least: values above it are drawn in full colour.
        alt: for those who cannot see it.
        count: places where there are no values yet.
    """

    kind: ClassVar[str] = "spectrum"

    label: str
    values: Sequence[float]
    most: float
    least: float
    alt: str
    count: int = 128

    @property
    def width(self) -> int:
        """Places, one a value."""
        return len(self.values) or self.count

    @property
    def bars(self) -> list[tuple[str, bool]]:
        """Height in percent and whether it counts, of each value, the largest first."""
        return [
            (f"{100 * min(1.0, value / self.most):.2f}", value > self.least)
            for value in sorted(self.values, reverse=True)
        ]
