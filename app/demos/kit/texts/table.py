"""A table of words and values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Table(Part):
    """Rows under a heading of as many columns; the first cell of a row says what it is of."""

    kind: ClassVar[str] = "table"

    label: str
    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
