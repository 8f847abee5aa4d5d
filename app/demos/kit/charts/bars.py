"""Values as lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        title: before it.
        fraction: its length, 0 … 1; ``None`` before there is a value.
        text: its value.
        name: see :attr:`Part.name`.
        second: whether it is of the second of two kinds.
        taken: whether it is the one that was chosen.
    """

    title: str
    fraction: float | None = None
    text: str = ""
    name: str = ""
    second: bool = False
    taken: bool = False

    @property
    def percent(self) -> int:
        """Length in whole percent."""
        return round(100 * min(1.0, max(0.0, self.fraction or 0)))


@dataclass(frozen=True, eq=False)
class Bars(Part):
    """Bars below one another on one scale.

    Attributes:
        label: what they measure.
        mark: fraction at which a line crosses all of them, ``None`` for no line.
    """

    kind: ClassVar[str] = "bars"

    label: str
    bars: Sequence[Bar]
    mark: float | None = None
