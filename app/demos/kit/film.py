"""The film strip of what was passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Film(Part):
    """Where the player lays out every frame's filmed picture, in the order of steps.

    Each stands at its share of all steps, under the same place of an axis above the strip.
    """

    kind: ClassVar[str] = "film"
