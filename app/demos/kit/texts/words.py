"""A prompt as the model reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from app.demos.kit.part import Part
from app.demos.prompts.reading import Reading


@dataclass(frozen=True, eq=False)
class Words(Part):
    """Every word as it is read, and what is to be noted of them."""

    kind: ClassVar[str] = "words"

    read: Reading
    grow: int = field(default=0, kw_only=True)
