"""A prompt as the model reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Words(Part):
    """Pairs of a word and whether the model knows it; what it does not know is struck out."""

    kind: ClassVar[str] = "words"

    items: Sequence[tuple[str, bool]]
    grow: int = field(default=0, kw_only=True)
