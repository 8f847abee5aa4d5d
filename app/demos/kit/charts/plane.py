"""A plane with two axes: points, ellipses, circles and paths in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

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
class Word:
    """What is written in the plane: its place in percent, so that its letters keep their size."""

    text: str
    x: str
    y: str
    anchor: str = "middle"
    shift: str = "0"
    kind: str = "plane-word"


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
    """

    kind: ClassVar[str] = "plane"

    shapes: Sequence[Point | Ellipse | Ring | Path]
    limit: float
    alt: str
    label: str = ""
    x: str = ""
    y: str = ""
    quarter: bool = False

    @property
    def axes(self) -> str:
        """Both axes, as a path of the SVG."""
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
            elif isinstance(shape, (Point, Ellipse)):
                below = shape.at[1] > 0.7 * self.limit
                radius = 2 * shape.radii[1] / self.limit if isinstance(shape, Ellipse) else 0.05
                y = shape.at[1] + (-radius if below else radius) * self.limit
                place = self._percent((shape.at[0], y))
                words.append(Word(shape.label, *place, shift="1em" if below else "-0.3em", kind=""))
        if self.x:
            words.append(Word(self.x, "97%", "96%" if self.quarter else "50%", "end", "-0.3em"))
        if self.y:
            words.append(Word(self.y, "5%" if self.quarter else "52%", "3%", "start", "0.9em"))
        return [word for word in words if word.text]

    @staticmethod
    def kind_of(shape: Point | Ellipse | Ring | Path) -> str:
        """How the template is to draw it."""
        return type(shape).__name__.lower()
