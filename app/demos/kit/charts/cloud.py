"""Named points, as close to one another as what they stand for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from app.demos.kit.charts.labels import Box, Label, Place, placed
from app.demos.kit.part import Part

WIDTH, HEIGHT = 150, 128
"""Of the room in which names take their places."""
SCALE = 3
"""Units of the SVG in one of these, so that letters have the size of letters."""
LETTERS = {**dict.fromkeys("fijlrt'-", 0.4), **dict.fromkeys("mw", 0.92)}
LETTER, BOLD, LINE = 0.62, 1.06, 1.2
"""Width of letters that are narrow or broad, and of others, how much more a bold one takes, and the
height of a line, as shares of the size of writing; our type needs no more."""
SIZES = {"asked": 7.4, "later": 7.4, "near": 6.4}
"""Tone of a point → size in which its name is written."""
DOT, FAR = 2.2, 4.0
"""Radius of a point with some air around it, and distance from which a line leads to a name."""


@dataclass(frozen=True)
class Spot:
    """A named point.

    Attributes:
        label: where it is and where its name stands.
        tone: ``asked``, ``later`` (asked, but not yet reached) or ``near``.
        remark: of the point, for who points at it.
    """

    name: str
    label: Label
    tone: str
    remark: str = ""

    @property
    def size(self) -> float:
        """Of its name's letters, in the SVG."""
        return round(SCALE * SIZES[self.tone], 1)

    @property
    def is_far(self) -> bool:
        """Whether the name stands so far away that a line is needed."""
        return math.dist(self.label.lead, self.label.point) > FAR

    @property
    def point(self) -> Place:
        """Where it is, in the SVG."""
        return _scaled(self.label.point)

    @property
    def lead(self) -> Place:
        """Where a line from it meets its name."""
        return _scaled(self.label.lead)

    @property
    def middle(self) -> Place:
        """The middle of its name."""
        box: Box = self.label.box
        return _scaled((box.x, box.y))


def _scaled(place: Place) -> Place:
    return round(SCALE * place[0], 1), round(SCALE * place[1], 1)


@dataclass(frozen=True, eq=False)
class Cloud(Part):
    """Named points; none of the names lies on another, on a point or on a line to a name.

    Attributes:
        alt: for those who cannot see it.
    """

    kind: ClassVar[str] = "cloud"

    spots: Sequence[Spot]
    alt: str
    label: str = ""
    width: ClassVar[int] = SCALE * WIDTH
    height: ClassVar[int] = SCALE * HEIGHT


def spots(places: Tensor, names: Sequence[tuple[str, str, str]]) -> tuple[Spot, ...]:
    """Points [n, 2] around 0, as far apart as there is room; both axes have one scale.

    Args:
        names: name, tone and remark of each point; names of the first are placed first.
    """
    sizes = [(_length(name, tone), LINE * SIZES[tone]) for name, tone, _ in names]
    margin = max((height for _, height in sizes), default=0.0)
    low, high = (places.amin(0), places.amax(0)) if len(places) else (torch.zeros(2),) * 2
    room = torch.tensor([WIDTH - 5 * margin, HEIGHT - 2 * margin])
    scale = float((room / (high - low).clamp(min=1e-9)).min())
    middle = (high + low) / 2
    shown = (places - middle) * min(scale, 1e6) * torch.tensor([1.0, -1.0])
    points = [(x + WIDTH / 2, y + HEIGHT / 2) for x, y in shown.tolist()]
    labels = placed(points, sizes, (WIDTH, HEIGHT), DOT)
    return tuple(
        Spot(name, place, tone, remark)
        for (name, tone, remark), place in zip(names, labels, strict=True)
    )


def _length(name: str, tone: str) -> float:
    """Of a name as it is written."""
    letters = sum(LETTERS.get(letter, LETTER) for letter in name)
    return letters * SIZES[tone] * (1.0 if tone == "near" else BOLD)
