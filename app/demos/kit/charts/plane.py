"""A plane with two axes: points, ellipses, circles and paths in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part

SIZE = 100
"""From the middle of the plane to its edge, in the units of its SVG."""

Place = tuple[float, float]


@dataclass(frozen=True)
class Point:
    """A point.

    Attributes:
        at: where.
        label: beside it.
        name: see :attr:`Part.name`.
        second: whether it is of the second of two kinds.
        faint: whether it is only there for comparison.
    """

    at: Place
    label: str = ""
    name: str = ""
    second: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Ellipse:
    """A Gaussian with independent coordinates: its middle ``at``, its deviation ``radii``."""

    at: Place
    radii: Place
    label: str = ""
    name: str = ""
    second: bool = False


@dataclass(frozen=True)
class Ring:
    """A circle around the origin, dashed, such as one deviation of N(0, I)."""

    radius: float
    label: str = ""
    name: str = ""


@dataclass(frozen=True)
class Path:
    """A way through places, with an arrow's head at its end."""

    places: Sequence[Place]
    name: str = ""
    second: bool = False


@dataclass(frozen=True)
class Photo:
    """A small picture, float [3, H, W] in [-1, 1], its middle ``at``.

    Attributes:
        size: of its sides, as a share of the plane's.
        label, name, faint: as of a point.
    """

    at: Place
    image: Tensor
    size: float
    label: str = ""
    name: str = ""
    second: bool = False
    faint: bool = False

    @property
    def src(self) -> str:
        """Its ``data:`` address."""
        return data_uri(self.image)


@dataclass(frozen=True)
class Word:
    """What is written in the plane: its place in percent, so that its letters keep their size."""

    text: str
    x: str
    y: str
    anchor: str = "middle"
    shift: str = "0"
    kind: str = "plane-word"


Shape = Point | Ellipse | Ring | Path | Photo


@dataclass(frozen=True, eq=False)
class Plane(Part):
    """What lies in a plane, from ``-limit``, or from 0, to ``limit`` along both axes.

    Attributes:
        shapes: drawn in their order.
        limit: what the edge is.
        x, y: what the axes are.
        alt: for those who cannot see it.
        label: shown below.
        quarter: whether only what is above zero is shown.
        handle: names of the two parameters that a point of it chooses, x and y, with a blank
            between; then both axes are without lines, and the last point may be dragged.
    """

    kind: ClassVar[str] = "plane"

    shapes: Sequence[Shape]
    limit: float
    alt: str
    label: str = ""
    x: str = ""
    y: str = ""
    quarter: bool = False
    handle: str = ""

    @property
    def axes(self) -> str:
        """Both axes, as a path of the SVG."""
        if self.handle:
            return ""
        return "M-100 100H100M-100-100V100" if self.quarter else "M-100 0H100M0-100V100"

    def scale(self, length: float) -> str:
        """A length in the units of the SVG."""
        return f"{SIZE * length / self.limit:.2f}"

    def place(self, at: Place) -> tuple[str, str]:
        """A place in the SVG, whose y points down; what lies outside is kept at the edge."""
        x, y = (2 * v - self.limit for v in at) if self.quarter else at
        x, y = (max(-self.limit, min(self.limit, v)) for v in (x, y))
        return self.scale(x), self.scale(-y)

    def points(self, path: Path) -> str:
        """The corners of a polyline."""
        return " ".join(",".join(self.place(at)) for at in path.places)

    def _percent(self, at: Place) -> tuple[str, str]:
        """A place in percent of the picture, whose margin is 8 of 216."""
        x, y = (float(v) for v in self.place(at))
        return f"{(x + 108) / 2.16:.1f}%", f"{(y + 108) / 2.16:.1f}%"

    @property
    def words(self) -> list[Word]:
        """The labels of shapes and axes."""
        words = []
        for shape in self.shapes:
            if isinstance(shape, Ring):
                side = 0.72 * shape.radius
                words.append(Word(shape.label, *self._percent((side, -side)), shift="1em"))
            elif isinstance(shape, (Point, Ellipse, Photo)):
                below = shape.at[1] > 0.7 * self.limit
                radius = self._radius(shape)
                y = shape.at[1] + (-radius if below else radius) * self.limit
                place = self._percent((shape.at[0], y))
                words.append(Word(shape.label, *place, shift="1em" if below else "-0.3em", kind=""))
        if self.x:
            words.append(Word(self.x, "97%", "96%" if self.quarter else "50%", "end", "-0.3em"))
        if self.y:
            words.append(Word(self.y, "5%" if self.quarter else "52%", "3%", "start", "0.9em"))
        return [word for word in words if word.text]

    def _radius(self, shape: Point | Ellipse | Photo) -> float:
        """From its middle to its upper edge, as a share of the limit."""
        if isinstance(shape, Ellipse):
            return 2 * shape.radii[1] / self.limit
        return shape.size if isinstance(shape, Photo) else 0.05

    def corner(self, photo: Photo) -> tuple[str, str, str]:
        """Left, top and side of a picture in the SVG."""
        x, y = (float(v) for v in self.place(photo.at))
        half = SIZE * photo.size
        return f"{x - half:.2f}", f"{y - half:.2f}", f"{2 * half:.2f}"

    @staticmethod
    def kind_of(shape: Shape) -> str:
        """How the template is to draw it."""
        return type(shape).__name__.lower()
