"""Small pictures with a word below each, such as what could come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part


@dataclass(frozen=True)
class Tile:
    """One of them.

    Attributes:
        image: float [3, H, W] in [-1, 1], ``None`` for its place alone.
        text: below it.
        taken: whether it is the one that was chosen.
    """

    image: Tensor | None = None
    text: str = ""
    taken: bool = False

    @property
    def src(self) -> str:
        """Its ``data:`` address, of an image that is there."""
        assert self.image is not None
        return data_uri(self.image)


@dataclass(frozen=True, eq=False)
class Tiles(Part):
    """Tiles in rows of three; ``label`` says what they are, ``note`` what is to be noted of them.

    Attributes:
        alt: for those who cannot see them.
    """

    kind: ClassVar[str] = "tiles"

    tiles: Sequence[Tile]
    alt: str
    label: str = ""
    note: str = ""
