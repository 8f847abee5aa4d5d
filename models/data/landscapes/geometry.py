"""Outlines in the plane of the picture: 128 units a side, x to the right, y down."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

EXTENT = 128.0
"""Side of the picture, in the units of every outline; one unit is one pixel at 128×128."""

Points = NDArray[np.float64]
"""Corners of a polygon, [n, 2]."""


def polygon(*coordinates: float) -> Points:
    """x0, y0, x1, y1, … as points."""
    return np.array(coordinates, dtype=np.float64).reshape(-1, 2)


def rectangle(x: float, y: float, width: float, height: float) -> Points:
    """Of the given left upper corner."""
    return polygon(x, y, x + width, y, x + width, y + height, x, y + height)


@cache
def _circle(n: int) -> Points:
    angles = np.arange(n) * (2 * math.pi / n)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def ellipse(x: float, y: float, width: float, height: float | None = None, n: int = 24) -> Points:
    """Around (x, y), of half axes ``width`` and ``height``; a circle without ``height``."""
    return _circle(n) * (width, width if height is None else height) + (x, y)


def moved(points: Points, x: float, y: float) -> Points:
    """Moved by (x, y)."""
    out: Points = points + np.array((x, y))
    return out


def turned(points: Points, degrees: float) -> Points:
    """Turned clockwise about the origin."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    out: Points = points @ np.array([[c, s], [-s, c]])
    return out


def ribbon(line: Points, widths: Sequence[float] | float) -> Points:
    """A line [n, 2] made as wide as said, everywhere or at each of its points."""
    along = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
    half = across * (np.broadcast_to(np.asarray(widths, dtype=np.float64), len(line))[:, None] / 2)
    return np.concatenate([line + half, (line - half)[::-1]])


def band(y: NDArray[np.float64], left: NDArray[np.float64], right: NDArray[np.float64]) -> Points:
    """The area between two lines that run down the picture, each [n]."""
    down, up = np.stack([left, y], axis=1), np.stack([right, y], axis=1)[::-1]
    return np.concatenate([down, up])


def above_bottom(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    """The area from a line, [n] each, to below the lower edge of the picture."""
    low = EXTENT + 4
    return np.concatenate([np.stack([x, y], axis=1), [[x[-1], low], [x[0], low]]])


def rolling(
    rng: np.random.Generator, x: NDArray[np.float64], height: float, waves: Sequence[float] = (1, 2)
) -> NDArray[np.float64]:
    """A smooth line between -height and height; ``waves`` count periods over the picture."""
    total = np.zeros_like(x)
    for i, count in enumerate(waves):
        phase, stretch = rng.random() * 2 * math.pi, 0.75 + 0.5 * rng.random()
        total += np.sin(x * (2 * math.pi * count * stretch / EXTENT) + phase) / (i + 1)
    out: NDArray[np.float64] = total * (height / sum(1 / (i + 1) for i in range(len(waves))))
    return out
