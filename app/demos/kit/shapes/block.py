"""One block of a chain, which fills up to its share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Block(Part):
    """A box between two parts of a chain.

    Attributes:
        title: what it is, a word or a number.
        value: what it adds, in a few letters.
        fraction: how far it is filled, 0 … 1, from below; ``None`` before there is a value.
        second: whether it is of the second of two kinds.
    """

    kind: ClassVar[str] = "block"

    title: str
    value: str = ""
    fraction: float | None = None
    second: bool = False
    grow: int = field(default=2, kw_only=True)

    @property
    def percent(self) -> int:
        """How far it is filled, in whole percent."""
        return round(100 * min(1.0, max(0.0, self.fraction or 0)))
