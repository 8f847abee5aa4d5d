"""Words of the deck in a scene."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Sentence(Part):
    """A heading or a sentence; ``tone`` is ``plain``, ``good`` or ``bad``."""

    kind: ClassVar[str] = "sentence"

    text: str
    tone: str = "plain"
    grow: int = field(default=0, kw_only=True)
