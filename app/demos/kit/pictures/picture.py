"""An image or a grid of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri, grid
from app.demos.kit.part import Part

GAP = 2


@dataclass(frozen=True, eq=False)
class Picture(Part):
    """Images, as large as their place lets them be; an outline as long as there are none.

    Attributes:
        images: float [n, 3, H, W] in [-1, 1], or ``None``.
        alt: for those who cannot see it.
        label: shown below.
        columns: of the grid; as many as rows by default.
        count: images of the outline.
        side: pixels of one image of the outline.
        filmed: whether the film strip keeps it.
        gap: pixels between images of a grid, white.
    """

    kind: ClassVar[str] = "picture"

    images: Tensor | None
    alt: str
    label: str = ""
    columns: int | None = None
    count: int = 1
    side: int = 64
    filmed: bool = False
    gap: int = GAP

    @property
    def _gap(self) -> int:
        return 0 if self._count == 1 else self.gap

    @property
    def _count(self) -> int:
        return self.count if self.images is None else len(self.images)

    @property
    def _size(self) -> tuple[int, int]:
        """Height and width of one image."""
        if self.images is None:
            return self.side, self.side
        return self.images.shape[2], self.images.shape[3]

    @property
    def cells(self) -> list[tuple[int, int, int, int]]:
        """Left, top, width and height of every image, in pixels."""
        columns = self.columns or math.ceil(math.sqrt(self._count))
        (height, width), gap = self._size, self._gap
        return [
            (i % columns * (width + gap), i // columns * (height + gap), width, height)
            for i in range(self._count)
        ]

    @property
    def width(self) -> int:
        """In pixels."""
        return max(left + width for left, _, width, _ in self.cells)

    @property
    def height(self) -> int:
        """In pixels."""
        return max(top + height for _, top, _, height in self.cells)

    def src(self, exact: bool) -> str:
        """Its ``data:`` address, of the images that are there; see :func:`data_uri`."""
        assert self.images is not None
        return data_uri(grid(self.images, self.columns, self._gap), exact)
