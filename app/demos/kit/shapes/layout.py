"""Parts side by side and one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Row(Part):
    """Parts from left to right; on an upright phone from top to bottom, unless it ``stays``."""

    kind: ClassVar[str] = "row"

    parts: Sequence[Part]
    stays: bool = False


@dataclass(frozen=True, eq=False)
class Column(Part):
    """Parts from top to bottom; on an upright phone a column of pictures ``turns`` into a row."""

    kind: ClassVar[str] = "column"

    parts: Sequence[Part]
    turns: bool = False
