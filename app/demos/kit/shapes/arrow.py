"""An arrow from one part to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Arrow(Part):
    """An arrow along the row, as long as its place, with a ``label`` above it."""

    kind: ClassVar[str] = "arrow"

    label: str = ""
    grow: int = field(default=1, kw_only=True)
