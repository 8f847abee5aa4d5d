"""Numbers as colours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri, heat
from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Values(Part):
    """A vector as a heat map, blue below zero and red above; an outline while it is ``None``.

    Attributes:
        values: [d].
        alt: for those who cannot see it.
        label: shown below.
        limit: magnitude in full colour.
        columns: values a row.
        count: d of the outline.
    """

    kind: ClassVar[str] = "tensor"

    values: Tensor | None
    alt: str
    label: str = ""
    limit: float = 3.0
    columns: int = 16
    count: int = 128

    @property
    def width(self) -> int:
        """Values a row."""
        return self.columns

    @property
    def height(self) -> int:
        """Rows."""
        count = self.count if self.values is None else len(self.values)
        return math.ceil(count / self.columns)

    @property
    def src(self) -> str:
        """Its ``data:`` address, of values that are there."""
        assert self.values is not None
        return data_uri(heat(self.values, self.columns, self.limit))
