"""A picture that is made cell by cell, with the one that was made last and what it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part


@dataclass(frozen=True)
class Look:
    """A line from the cell that was made last to another one.

    Attributes:
        cell: the other one, counted row by row.
        weight: in 0 … 1, of the strongest of all lines.
    """

    cell: int
    weight: float


@dataclass(frozen=True, eq=False)
class Board(Part):
    """One image in cells, a blank board while there is none.

    Attributes:
        image: float [3, H, W] in [-1, 1], or ``None``.
        alt: for those who cannot see it.
        label: shown below.
        cells: in a row of it, and rows.
        here: the cell that was made last.
        looks: lines from there.
    """

    kind: ClassVar[str] = "board"

    image: Tensor | None
    alt: str
    label: str = ""
    cells: int = 8
    here: int | None = None
    looks: Sequence[Look] = ()

    @property
    def src(self) -> str:
        """The image's ``data:`` address."""
        assert self.image is not None
        return data_uri(self.image)

    @property
    def grid(self) -> str:
        """The lines between cells, as a path in an SVG box of as many units as cells."""
        inner = range(1, self.cells)
        return " ".join(f"M{i} 0V{self.cells}M0 {i}H{self.cells}" for i in inner)

    def place(self, cell: int) -> tuple[int, int]:
        """Column and row of a cell."""
        row, column = divmod(cell, self.cells)
        return column, row
