"""Where the names of points go, so that none lies on another: greedily, always the same way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

Place = tuple[float, float]
"""x and y, or width and height, in any unit."""

DIRECTIONS = 16
"""In which a place is looked for around a point."""
STEP = 2.5
"""Distance between the rings of places around a point."""
CROWD = 25.0
"""Distance within which other points are what a name keeps away from."""


@dataclass(frozen=True)
class Box:
    """A rectangle: its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        """Whether they share more than a border."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width
            and abs(self.y - other.y) * 2 < self.height + other.height
        )

    def within(self, bounds: Place) -> bool:
        """Whether it lies in the rectangle from 0, 0."""
        return (
            self.width / 2 <= self.x <= bounds[0] - self.width / 2
            and self.height / 2 <= self.y <= bounds[1] - self.height / 2
        )

    def nearest(self, point: Place) -> Place:
        """Its point that is nearest to another."""
        return (
            min(max(point[0], self.x - self.width / 2), self.x + self.width / 2),
            min(max(point[1], self.y - self.height / 2), self.y + self.height / 2),
        )

    def meets(self, begin: Place, end: Place) -> bool:
        """Whether a straight line runs through it (Liang & Barsky, 1984)."""
        enter, leave = 0.0, 1.0
        for a, b, middle, size in (
            (begin[0], end[0], self.x, self.width),
            (begin[1], end[1], self.y, self.height),
        ):
            low, high = middle - size / 2, middle + size / 2
            if a == b:
                if not low < a < high:
                    return False
                continue
            first, last = sorted(((low - a) / (b - a), (high - a) / (b - a)))
            enter, leave = max(enter, first), min(leave, last)
        return enter < leave


@dataclass(frozen=True)
class Label:
    """A name's place, and the point that it belongs to."""

    point: Place
    box: Box

    @property
    def lead(self) -> Place:
        """Where a line from the point meets the name."""
        return self.box.nearest(self.point)

    def collides(self, other: Label) -> bool:
        """Whether one of the names lies on the other or on the line that leads to it."""
        return (
            self.box.overlaps(other.box)
            or self.box.meets(other.point, other.lead)
            or other.box.meets(self.point, self.lead)
        )


def placed(
    points: Sequence[Place], sizes: Sequence[Place], bounds: Place, dot: float
) -> list[Label]:
    """A place for each point's name, near it and away from the others.

    Names take their places one after the other, in several orders of which the best is kept.

    Args:
        points: x and y within the bounds.
        sizes: width and height of each name.
        bounds: width and height of all.
        dot: radius of a point, which no name may cover.

    Returns:
        In the order of the points, within the bounds; as long as there is room, no name lies on
        another, on a point, or on a line that leads to another name.
    """
    given = range(len(points))
    orders = [list(given)]
    for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        along = [round(across * x + down * y, 3) for x, y in points]
        orders.append(sorted(given, key=along.__getitem__))
    tries = [_in_turn(order, points, sizes, bounds, dot) for order in orders]
    return min(tries, key=_cost)


def _cost(labels: Sequence[Label]) -> tuple[int, float]:
    """What collides, then the length of all lines that lead to names."""
    collisions = sum(a.collides(b) for a, b in combinations(labels, 2))
    return collisions, round(sum(math.dist(o.lead, o.point) for o in labels), 3)


def _in_turn(
    order: Sequence[int],
    points: Sequence[Place],
    sizes: Sequence[Place],
    bounds: Place,
    dot: float,
) -> list[Label]:
    dots = [Box(x, y, 2 * dot, 2 * dot) for x, y in points]
    labels: dict[int, Label] = {}
    for i in order:
        spare = None
        for label in _around(points[i], sizes[i], bounds, dot, _away(points[i], points)):
            taken = (*dots, *(other.box for other in labels.values()))
            if any(map(label.box.overlaps, taken)):
                continue
            spare = spare or label
            if not any(map(label.collides, labels.values())):
                labels[i] = label
                break
        else:
            labels[i] = spare or _on(points[i], sizes[i], bounds)
    return [labels[i] for i in range(len(points))]


def _away(point: Place, points: Sequence[Place]) -> float:
    """The direction away from the middle of the points around, in radians; right where none is."""
    near = [other for other in points if 0 < math.dist(point, other) < CROWD]
    if not near:
        return 0.0
    middle = [sum(values) / len(near) for values in zip(*near, strict=True)]
    return math.atan2(point[1] - middle[1], point[0] - middle[0])


def _around(point: Place, size: Place, bounds: Place, dot: float, away: float) -> Iterator[Label]:
    """Places within the bounds, ring by ring, those in the direction ``away`` first."""
    turns = [2 * math.pi * i / DIRECTIONS for i in range(DIRECTIONS)]
    turns.sort(key=lambda turn: round(1 - math.cos(turn - away), 6))
    for ring in range(math.ceil(max(bounds) / STEP)):
        distance = dot + ring * STEP
        for turn in turns:
            across, down = math.cos(turn), math.sin(turn)
            x = point[0] + across * distance + _sign(across) * size[0] / 2
            y = point[1] + down * distance + _sign(down) * size[1] / 2
            box = Box(x, y, *size)
            if box.within(bounds):
                yield Label(point, box)


def _sign(value: float) -> float:
    """-1, 0 or 1; rounding leaves no direction exactly level."""
    return 0.0 if abs(value) < 1e-9 else math.copysign(1.0, value)


def _on(point: Place, size: Place, bounds: Place) -> Label:
    """On the point, as far as the bounds allow."""
    x, y = (
        min(max(place, length / 2), bound - length / 2)
        for place, length, bound in zip(point, size, bounds, strict=True)
    )
    return Label(point, Box(x, y, *size))
