"""Figures beside what is asked of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Spread:
    """Three percentiles of a measure, in its own unit."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """The spread of these values, ``None`` if there are none."""
        if not values:
            return None
        return cls(*(percentile(values, share) for share in (0.50, 0.95, 0.99)))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least ``share`` (0 to 1) of them do not exceed.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


@dataclass(frozen=True)
class Bar:
    """What is asked of one figure.

    Attributes:
        text: what was measured, with its unit.
        value: the figure; ``None`` if nothing could be measured, which misses the bar.
        least, most: the limits; without any it is only told.
    """

    text: str
    value: float | None
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the figure is there and within its limits, if it has any."""
        if self.value is None:
            return not self.limits
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def limits(self) -> str:
        """The limits in signs."""
        signs = (("≥", self.least), ("≤", self.most))
        return " ".join(f"{sign} {limit:g}" for sign, limit in signs if limit is not None)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns as wide as needed: the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def number(value: float | None, digits: int = 2) -> str:
    """A figure for a table, a dash if it is missing."""
    return "–" if value is None else f"{value:.{digits}f}"


def judgement(bars: Sequence[Bar]) -> str:
    """All bars as a table."""
    rows = [("", "value", "bar", "")]
    for bar in bars:
        digits = 0 if bar.value is not None and float(bar.value).is_integer() else 3
        verdict = "met" if bar.met else "MISSED"
        rows.append((bar.text, number(bar.value, digits), bar.limits, verdict * bool(bar.limits)))
    return table(rows)
