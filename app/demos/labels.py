"""Where the names of points go, so that none lies on another: greedily, always the same way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

DIRECTIONS = (0, 180, 270, 90, 315, 45, 225, 135, 337, 23, 203, 157, 292, 68, 248, 112)
"""Degrees clockwise from the right in which a place is looked for, the best first."""
STEP = 2.5
"""Distance between the rings of places around a point."""


@dataclass(frozen=True)
class Box:
    """A rectangle, in any unit: its middle and its size."""

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

    def within(self, width: float, height: float) -> bool:
        """Whether it lies in the rectangle from 0, 0."""
        return (
            self.width / 2 <= self.x <= width - self.width / 2
            and self.height / 2 <= self.y <= height - self.height / 2
        )

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Its point that is nearest to another."""
        return (
            min(max(x, self.x - self.width / 2), self.x + self.width / 2),
            min(max(y, self.y - self.height / 2), self.y + self.height / 2),
        )


def placed(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    width: float,
    height: float,
    dot: float,
) -> list[Box]:
    """A place for each point's name, the first point's first, near it where there is room.

    Args:
        points: x and y within ``width`` and ``height``.
        sizes: width and height of each name.
        dot: radius of a point, which no name may cover.

    Returns:
        Boxes in the order of the points, within ``width`` and ``height``; without overlap as long
        as there is room.
    """
    dots = [Box(x, y, 2 * dot, 2 * dot) for x, y in points]
    taken: list[Box] = []
    for point, size in zip(points, sizes, strict=True):
        tries = _around(point, size, width, height, dot)
        free = (box for box in tries if not any(map(box.overlaps, (*taken, *dots))))
        taken.append(next(free, None) or _somewhere(point, size, width, height))
    return taken


def _around(
    point: tuple[float, float], size: tuple[float, float], width: float, height: float, dot: float
) -> list[Box]:
    """Places within the bounds, ring by ring."""
    boxes = []
    for ring in range(math.ceil(max(width, height) / STEP)):
        away = dot + ring * STEP
        for angle in DIRECTIONS:
            across, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            x = point[0] + across * away + _sign(across) * size[0] / 2
            y = point[1] + down * away + _sign(down) * size[1] / 2
            box = Box(x, y, *size)
            if box.within(width, height):
                boxes.append(box)
    return boxes


def _sign(value: float) -> float:
    """-1, 0 or 1; rounding leaves no direction exactly level."""
    return 0.0 if abs(value) < 1e-9 else math.copysign(1.0, value)


def _somewhere(
    point: tuple[float, float], size: tuple[float, float], width: float, height: float
) -> Box:
    """On the point, as far as the bounds allow."""
    x = min(max(point[0], size[0] / 2), width - size[0] / 2)
    y = min(max(point[1], size[1] / 2), height - size[1] / 2)
    return Box(x, y, *size)
