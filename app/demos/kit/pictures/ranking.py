"""Pictures in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True)
class Ranked:
    """One picture: its address, empty for its outline; what it shows; its value in words."""

    src: str = ""
    alt: str = ""
    text: str = ""


@dataclass(frozen=True, eq=False)
class Ranking(Part):
    """Twelve pictures, the best first."""

    kind: ClassVar[str] = "ranking"

    label: str
    items: Sequence[Ranked]
