"""Plants: bushes, the rows of a forest, and single trees of several species."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.data.landscapes.geometry import (
    EXTENT,
    Points,
    ellipse,
    moved,
    polygon,
    rectangle,
    ribbon,
)
from models.data.landscapes.light import Color, Light, mix, rgb
from models.data.landscapes.scene import Fill, Shape

Line = NDArray[np.float64]


def bush(x: float, y: float, size: float, bright: Color, dark: Color) -> list[Shape]:
    """A round bush that stands at (x, y)."""
    return [
        Fill(ellipse(x, y - size * 0.6, size * 1.2, size * 0.8, n=14), dark),
        Fill(ellipse(x - size * 0.2, y - size * 0.85, size * 0.85, size * 0.62, n=14), bright),
    ]


def conifer(width: float, height: float, tiers: int = 3) -> Points:
    """The outline of a fir that stands at the origin."""
    right: list[tuple[float, float]] = [(0.0, -height)]
    for i in range(1, tiers + 1):
        share = i / tiers
        right.append((width / 2 * (0.42 + 0.58 * share), -height * (1 - share)))
        if i < tiers:
            right.append((width / 2 * (0.1 + 0.42 * share), -height * (1 - share) - height * 0.05))
    left = [(-x, y) for x, y in reversed(right[1:])]
    return np.array(right + left)


def forest_row(
    rng: np.random.Generator, foot: Line, height: float, conifers: float, colors: list[Color]
) -> list[Shape]:
    """Trees side by side on a line.

    Args:
        rng: where chance comes from.
        foot: y of the ground at x = 0 … 128, [129].
        height: of a usual tree.
        conifers: share of firs among them, 0 … 1.
        colors: of the trees, one drawn for each.
    """
    shapes: list[Shape] = []
    x = -4.0 + 4 * rng.random()
    while x < EXTENT + 5:
        tall = height * (0.78 + 0.44 * rng.random())
        y = float(foot[int(min(max(x, 0), EXTENT))]) + 1.5
        color = colors[int(rng.integers(len(colors)))]
        if rng.random() < conifers:
            wide = tall * (0.46 + 0.12 * rng.random())
            shapes.append(Fill(moved(conifer(wide, tall), x, y), color))
            x += wide * (0.58 + 0.22 * rng.random())
        else:
            tall *= 0.86
            wide = tall * (0.5 + 0.14 * rng.random())
            shapes.append(
                Fill(
                    rectangle(x - 0.8, y - tall * 0.4, 1.6, tall * 0.4),
                    mix(color, rgb("3a2a20"), 0.6),
                )
            )
            shapes.append(Fill(ellipse(x, y - tall * 0.62, wide * 0.56, tall * 0.42, n=16), color))
            x += wide * (0.75 + 0.25 * rng.random())
    return shapes


def _leafy(rng: np.random.Generator, light: Light, leaf: str, trunk: str) -> list[Shape]:
    wood, bright, dark = light.lit(trunk), light.lit(leaf, 1.12), light.lit(leaf, 0.82)
    shapes: list[Shape] = [
        Fill(polygon(-2.4, 0, -1.5, -14, 1.5, -14, 2.4, 0), wood),
        Fill(polygon(-0.8, -9, -5.5, -15, -4, -15.5, 0.8, -11), wood),
    ]
    spots = ((-6.6, -16.0, 6.2), (6.8, -16.5, 6.0), (0.0, -22.5, 8.2), (-1.5, -15.5, 6.5))
    round_ = [(x + rng.random() - 0.5, y + rng.random() - 0.5, r) for x, y, r in spots]
    shapes += [Fill(ellipse(x, y, r), dark) for x, y, r in round_]
    shift = -1.2 if light.side < EXTENT / 2 else 1.2
    shapes += [Fill(ellipse(x + shift, y - 1.4, r * 0.74), bright) for x, y, r in round_[:3]]
    return shapes


def _fir(rng: np.random.Generator, light: Light, leaf: str, snow: bool) -> list[Shape]:
    shapes: list[Shape] = [Fill(rectangle(-1.8, -5, 3.6, 5), light.lit("5c3d28"))]
    for i, (y, wide, tall) in enumerate(
        ((-4.0, 11.0, 12.0), (-11.0, 8.8, 11.0), (-18.0, 6.4, 11.0))
    ):
        shapes.append(
            Fill(polygon(-wide, y, 0, y - tall, wide, y), light.lit(leaf, 0.92 + 0.1 * i))
        )
        side = -1 if light.side > EXTENT / 2 else 1
        shapes.append(
            Fill(
                polygon(0, y - tall, side * wide, y, side * wide * 0.2, y),
                light.lit(leaf, 0.74 + 0.1 * i),
            )
        )
        if snow:
            cap = polygon(0, y - tall, wide * 0.52, y - tall * 0.48, wide * 0.2, y - tall * 0.58,
                          -wide * 0.1, y - tall * 0.4, -wide * 0.52, y - tall * 0.48)  # fmt: skip
            shapes.append(Fill(cap, light.lit("f4f8fc")))
    return shapes


def _poplar(rng: np.random.Generator, light: Light) -> list[Shape]:
    leaf = ("4f9440", "6aa23c")[int(rng.integers(2))]
    return [
        Fill(rectangle(-1.7, -8, 3.4, 8), light.lit("6a4a30")),
        Fill(ellipse(0, -19, 6.4, 14.5), light.lit(leaf, 0.84)),
        Fill(
            ellipse(-1.4 if light.side < EXTENT / 2 else 1.4, -19.5, 4.4, 12.6),
            light.lit(leaf, 1.1),
        ),
    ]


def _birch(rng: np.random.Generator, light: Light) -> list[Shape]:
    bright, dark = light.lit("a4c84e", 1.1), light.lit("7ea63c")
    shapes: list[Shape] = [Fill(polygon(-2, 0, -1.4, -22, 1.4, -22, 2, 0), light.lit("f2efe8"))]
    for x, y in ((-1.9, -4), (0.1, -7.4), (-1.7, -10.6)):
        shapes.append(Fill(rectangle(x, y, 1.7, 1.1), light.lit("4a4440")))
    for x, y, wide, tall in (
        (0.0, -24.0, 7.4, 8.6),
        (-4.6, -17.5, 4.8, 5.4),
        (4.6, -18.5, 4.8, 5.6),
    ):
        high = tall + rng.random()
        shapes += [
            Fill(ellipse(x, y, wide, high), dark),
            Fill(ellipse(x, y - 1.2, wide * 0.72, high * 0.76), bright),
        ]
    return shapes


def _palm(rng: np.random.Generator, light: Light) -> list[Shape]:
    lean = 4 * (1 if rng.random() < 0.5 else -1)
    stem = np.array([[0, 0], [lean * 0.25, -8], [lean * 0.6, -16], [lean, -23]], dtype=float)
    shapes: list[Shape] = [Fill(ribbon(stem, (4.0, 3.2, 2.8, 2.4)), light.lit("8c6642"))]
    for i, (dx, dy) in enumerate(((-11, 3), (11, 3), (-9, -5), (9, -5), (-5, 7), (5, 7), (0, -9))):
        line = moved(polygon(0, 0, dx * 0.55, dy * 0.55 - 3.2, dx, dy), lean, -23)
        shapes.append(Fill(ribbon(line, (2.6, 4.4, 0.6)), light.lit("3f9446", 0.8 + 0.1 * (i % 3))))
    return shapes


def tree(rng: np.random.Generator, land: str, fore: str, light: Light) -> list[Shape]:
    """A tree that stands at the origin, about 30 units tall, of a species that fits the place."""
    if fore == "snow":
        return _fir(rng, light, "2f6e4c", snow=True)
    if (land == "desert" or fore == "beach") and rng.random() < 0.75:
        return _palm(rng, light)
    kinds = ("oak", "oak", "fir", "poplar", "birch", "autumn", "blossom")
    kind = kinds[int(rng.integers(len(kinds)))]
    if kind == "fir":
        return _fir(rng, light, "2f7350", snow=False)
    if kind == "poplar":
        return _poplar(rng, light)
    if kind == "birch":
        return _birch(rng, light)
    leaf = {"oak": "46963f", "autumn": "dd8a2e", "blossom": "f0a6c0"}[kind]
    return _leafy(rng, light, leaf, "6a4630")
