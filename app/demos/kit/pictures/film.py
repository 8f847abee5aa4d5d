"""The film strip of what was passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Film(Part):
    """Where the player lays out every frame's filmed picture, in the order of steps.

    Each stands at its share of the steps, under the same place of an axis above the strip.

    Attributes:
        image: [3, H, W], what the strip keeps of this frame beside pictures that say ``filmed``.
        first: the step that stands at the left end.
    """

    kind: ClassVar[str] = "film"

    image: Tensor | None = None
    first: int = 0

    @property
    def src(self) -> str:
        """The image's ``data:`` address."""
        assert self.image is not None
        return data_uri(self.image)
