"""A clock along which several things end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri, grid
from app.demos.kit.charts.axis import Tick
from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Runner:
    """One of them, on a line of its own.

    Attributes:
        title: its name.
        accent: family whose colour it wears.
        at: where it has ended, 0 … 1, ``None`` as long as it has not.
        text: when that was.
        images: what it has made, [n, 3, H, W], shown as a small stack there.
        name: see :attr:`Part.name`.
        lit: whether it is in front.
    """

    title: str
    accent: str
    at: float | None = None
    text: str = ""
    images: Tensor | None = None
    name: str = ""
    lit: bool = False

    @property
    def percent(self) -> str:
        """Its place, for SVG."""
        return f"{100 * (self.at or 0):.1f}%"

    @property
    def src(self) -> str:
        """The stack's ``data:`` address."""
        assert self.images is not None
        return data_uri(grid(self.images), exact=False)


@dataclass(frozen=True, eq=False)
class Clock(Part):
    """Lines below one another over one scale of time.

    Attributes:
        label: what is measured.
    """

    kind: ClassVar[str] = "clock"

    label: str
    runners: Sequence[Runner]
    ticks: Sequence[Tick]
