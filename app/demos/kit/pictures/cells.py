"""A grid of cells to choose from: numbers over a picture, or how much each is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part

SIDE = 32
"""Units of a cell in the SVG, in which letters have the size of letters."""
LEVELS = 3


@dataclass(frozen=True, eq=False)
class Cells(Part):
    """Cells in rows, counted from the top left.

    Attributes:
        alt: for those who cannot see them.
        label: shown below.
        count: how many there are.
        columns: of them in a row.
        image: float [3, H, W] in [-1, 1] behind them, faint where there are texts.
        texts: in each; none while there is nothing to say.
        levels: how strongly each is filled, 0 … :data:`LEVELS`; none for not at all.
        here, other: cells that are framed, the second, if there is one the chosen one, in another
            colour.
        alike: cells that are faintly framed.
        sets: field of the form that a chosen cell is written to; without one none can be chosen.
        also: further fields that are set then, with their values.
    """

    kind: ClassVar[str] = "cells"

    alt: str
    label: str = ""
    count: int = 64
    columns: int = 8
    image: Tensor | None = None
    texts: Sequence[str] = ()
    levels: Sequence[int] = ()
    here: int | None = None
    other: int | None = None
    alike: Sequence[int] = ()
    sets: str = ""
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """The last of which may be shorter."""
        return -(-self.count // self.columns)

    @property
    def width(self) -> int:
        """In units of the SVG."""
        return SIDE * self.columns

    @property
    def height(self) -> int:
        """In units of the SVG."""
        return SIDE * self.rows

    @property
    def clear(self) -> bool:
        """Whether it is an image alone, of which cells are only framed."""
        return self.image is not None and not self.texts

    @property
    def src(self) -> str:
        """The image's ``data:`` address."""
        assert self.image is not None
        return data_uri(self.image)

    @property
    def grid(self) -> str:
        """The lines around all cells, as a path."""
        full, rest = divmod(self.count, self.columns)
        ends = [self.width] * (full + 1) + [SIDE * rest] * bool(rest)
        across = (f"M0 {SIDE * i}H{end}" for i, end in enumerate(ends))
        deep = (self.rows if i <= rest or not rest else full for i in range(self.columns + 1))
        down = (f"M{SIDE * i} 0V{SIDE * rows}" for i, rows in enumerate(deep))
        return "".join([*across, *down])

    @property
    def fillings(self) -> Iterator[tuple[int, str]]:
        """Every level above 0, and its cells as a path of wide strokes."""
        for level in range(1, LEVELS + 1):
            cells = (i for i, value in enumerate(self.levels) if value == level)
            yield level, "".join(f"M{x} {y + SIDE // 2}h{SIDE}" for x, y in map(self.place, cells))

    def place(self, cell: int) -> tuple[int, int]:
        """Left and top of a cell, in units of the SVG."""
        row, column = divmod(cell, self.columns)
        return SIDE * column, SIDE * row

    @property
    def chosen(self) -> int:
        """The cell that the form has, the first if there is none."""
        return next((cell for cell in (self.other, self.here) if cell is not None), 0)

    @property
    def said(self) -> str:
        """The chosen cell in words."""
        row, column = divmod(self.chosen, self.columns)
        text = self.texts[self.chosen] if self.texts else str(self.chosen)
        return f"{text}, in row {row + 1} and column {column + 1}"
