"""Columns of pictures that were made of the same thing in different ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.charts.bars import Bar
from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Strip:
    """One column.

    Attributes:
        title: above it.
        alt: of its pictures, for those who cannot see them.
        images: float [n, 3, H, W] in [-1, 1], ``None`` for their places alone.
        note: below them, in a few words.
        bars: values below them.
        accent: family whose colour it wears; none: that of the Play.
        name: see :attr:`Part.name`.
        lit: whether it is at work.
    """

    title: str
    alt: str
    images: Tensor | None = None
    note: str = ""
    bars: Sequence[Bar] = ()
    accent: str = ""
    name: str = ""
    lit: bool = False

    def sources(self, count: int, exact: bool) -> list[str]:
        """``data:`` addresses, empty for a blank place."""
        if self.images is None:
            return [""] * count
        return [data_uri(image, exact) for image in self.images]


@dataclass(frozen=True, eq=False)
class Matrix(Part):
    """Strips side by side, with four pictures each; on an upright phone one below the other."""

    kind: ClassVar[str] = "matrix"

    strips: Sequence[Strip]
    count: ClassVar[int] = 4
