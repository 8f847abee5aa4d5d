"""What a frame is made of. Demos compose panels; one template draws them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from app.deck.images import data_uri, grid, heat

GAP = 2
MANY = 120
"""Letters of a prompt that is written smaller."""


@dataclass(frozen=True, eq=False)
class Picture:
    """An image or a grid of them.

    Attributes:
        label: shown below.
        sheet: its pixels, float [3, H, W] in [-1, 1].
        alt: for those who cannot see it.
        share: how much of the stage's width it asks for, relative to its neighbours.
    """

    label: str
    sheet: Tensor
    alt: str
    share: float = 1.0
    kind: str = "picture"

    @property
    def width(self) -> int:
        """In image pixels."""
        return self.sheet.shape[2]

    @property
    def height(self) -> int:
        """In image pixels."""
        return self.sheet.shape[1]

    def src(self, exact: bool) -> str:
        """Its ``data:`` address; see :func:`app.deck.images.data_uri`."""
        return data_uri(self.sheet, exact)


@dataclass(frozen=True)
class Bar:
    """One bar: ``fraction`` in 0 … 1, ``text`` beside it, optionally a small picture before it."""

    name: str
    fraction: float
    text: str
    src: str = ""

    @property
    def percent(self) -> int:
        """Length in whole percent, for the SVG."""
        return round(100 * min(1.0, max(0.0, self.fraction)))


@dataclass(frozen=True)
class Bars:
    """A list of labelled bars.

    Attributes:
        mark: fraction at which a line crosses all of them, ``None`` for no line.
    """

    label: str
    bars: tuple[Bar, ...]
    mark: float | None = None
    kind: str = "bars"


@dataclass(frozen=True)
class Line:
    """One line of a chart: SVG points in a 100 × 40 box, and the value at its end."""

    name: str
    points: str
    last: str


@dataclass(frozen=True)
class Chart:
    """Lines over a common axis."""

    label: str
    lines: tuple[Line, ...]
    kind: str = "chart"


@dataclass(frozen=True)
class Facts:
    """Names and values, large."""

    items: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Word:
    """One word of a prompt.

    Attributes:
        typed: as it was typed.
        state: ``known``, ``other`` (read as another word), ``unknown`` or ``late`` (cut off).
        read: the other word, or words.
    """

    typed: str
    state: str = "known"
    read: str = ""


@dataclass(frozen=True)
class Link:
    """A way to another Play of the deck.

    Attributes:
        query: of its address, without the question mark.
    """

    label: str
    slide: int
    query: str


@dataclass(frozen=True)
class Note:
    """A sentence on a prompt, and where it leads."""

    text: str
    link: Link | None = None


@dataclass(frozen=True)
class Words:
    """A prompt as the model reads it, below its control and in a Play."""

    items: tuple[Word, ...]
    notes: tuple[Note, ...] = ()
    kind: str = "words"

    @property
    def many(self) -> bool:
        """Whether they would fill more than two lines."""
        return sum(len(word.typed) + len(word.read) + 1 for word in self.items) > MANY

    @property
    def said(self) -> str:
        """What is remarkable about them, for those who do not see how they look."""
        others = [f"{word.typed} is read as {word.read}." for word in self.items if word.read]
        unknown = dict.fromkeys(word.typed for word in self.items if word.state == "unknown")
        if len(unknown) == len(self.items):
            unknown = {}  # which a note says
        strange = [f"Not understood: {', '.join(unknown)}."] if unknown else []
        found = [*others, *strange, *(note.text for note in self.notes)]
        return " ".join(found) or ("All words are understood." if self.items else "")

    def after(self, sentence: str) -> str:
        """A Play's sentence with what is to be noted of its prompt."""
        return " ".join([sentence, *(note.text for note in self.notes)])


@dataclass(frozen=True)
class Message:
    """A sentence; ``tone`` is ``plain``, ``good`` or ``bad``."""

    text: str
    tone: str = "plain"
    kind: str = "message"


Panel = Picture | Bars | Chart | Facts | Words | Message


def picture(
    images: Tensor, label: str, alt: str, columns: int | None = None, share: float = 1.0
) -> Picture:
    """A picture of images [n, 3, H, W] in a grid; more than one are set apart by a thin gap."""
    gap = 0 if len(images) == 1 else GAP
    return Picture(label, grid(images, columns, gap), alt, share)


def strips(values: Tensor, label: str, alt: str, limit: float, columns: int = 32) -> Picture:
    """Vectors [n, d] as heat maps side by side."""
    maps = torch.stack([heat(row, columns, limit) for row in values])
    return Picture(label, grid(maps, len(values), GAP), alt)


def line(name: str, values: Sequence[float], low: float, high: float, total: int) -> Line:
    """A line through values, of ``total`` that the axis has room for."""
    span = (high - low) or 1.0
    points = " ".join(
        f"{100 * i / max(1, total - 1):.1f},{40 - 40 * (v - low) / span:.1f}"
        for i, v in enumerate(values)
    )
    return Line(name, points, f"{values[-1]:.2f}" if values else "")


def chart(label: str, series: Mapping[str, Sequence[float]], total: int) -> Chart:
    """Lines of several series on one axis, scaled to all of them."""
    everything = [v for values in series.values() for v in values]
    low, high = min(everything, default=0.0), max(everything, default=1.0)
    return Chart(label, tuple(line(k, v, low, high, total) for k, v in series.items()))
