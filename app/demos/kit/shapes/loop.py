"""What works again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Loop(Part):
    """Parts side by side within a line that leads back to where it began; ``label`` counts."""

    kind: ClassVar[str] = "loop"

    parts: Sequence[Part]
    label: str = ""
