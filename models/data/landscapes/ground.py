"""The ground before the land, and where on it an object may stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.data.landscapes.geometry import EXTENT, above_bottom, ellipse, moved, polygon, rolling
from models.data.landscapes.lands import WHOLE
from models.data.landscapes.light import Color, Light, mix, rgb
from models.data.landscapes.scene import Fade, Fill, Layer, Shape

if TYPE_CHECKING:
    from models.data.landscapes.attributes import Attributes

GROUND = 140
"""Depth of the ground."""
FORE = 165
"""Depth of what lies on it."""
_BARE = {  # colour of the ground where nothing is said of it
    "mountains": "8d8a72", "snowy mountains": "8f9488", "hills": "7d9a55", "desert": "dcae6c",
    "forest": "4c6b42", "city": "8d9188", "sea": "4a7fb0",
}  # fmt: skip
_FLOWERS = (
    ("f4d63c",), ("e8504a", "f4d63c"), ("ffffff", "f4d63c"), ("c46ad8", "ffffff"),
    ("e8504a", "ffffff", "8a6ae0"),
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where an object stands: x, y of its foot, and how large it is drawn."""

    x: float
    y: float
    scale: float


@dataclass(frozen=True)
class Foreground:
    """Layers of the ground, and the place of the picture's object on land or on water."""

    layers: tuple[Layer, ...]
    land: Place
    water: Place | None = None


def place(rng: np.random.Generator, x: float, top: float, low: float, high: float) -> Place:
    """At x, between shares ``low`` and ``high`` of the way from y = ``top`` to the lower edge."""
    share = low + (high - low) * rng.random()
    return Place(x, top + (EXTENT - top) * share, 0.82 + 0.42 * share)


def anywhere(rng: np.random.Generator) -> float:
    """x of an object that has the ground to itself."""
    return float(22 + 84 * rng.random())


def floor(rng: np.random.Generator, light: Light, top: float, color: Color, rough: float) -> Shape:
    """Ground from y = ``top`` down, darker near by."""
    line = top + rolling(rng, WHOLE, rough, (1.3, 3))
    stops = (0.0, light.far(color, 0.14)), (1.0, light.lit(color, 0.88))
    return Fade(above_bottom(WHOLE, line), stops)


def grass(a: Attributes) -> Color:
    """The colour of what grows beside lake, river or road."""
    return mix(rgb("6fae49"), rgb("8d9a60"), 0.6 if "mountains" in a.land else 0.1)


def speckles(
    rng: np.random.Generator, top: float, color: Color, count: int, size: float
) -> list[Shape]:
    """Flat marks that grow towards the viewer: stones, tufts, bare spots."""
    shapes: list[Shape] = []
    for near in np.sort(rng.random(count)):
        x, y = EXTENT * rng.random(), top + 4 + (EXTENT - top - 4) * near
        long = size * (0.5 + near) * (0.7 + 0.6 * rng.random())
        shapes.append(Fill(ellipse(x, y, long, long * 0.34, n=14), color))
    return shapes


def bare(rng: np.random.Generator, a: Attributes, light: Light, top: float) -> Foreground:
    """Ground of which nothing is said: rock, sand, forest floor or paving."""
    color = rgb(_BARE[a.land])
    shapes: list[Shape] = [floor(rng, light, top, color, 1.5)]
    if a.land == "desert":
        for i in range(5):
            y = top + 8 + (EXTENT - top) * (i + 0.6 * rng.random()) / 5
            x = EXTENT * rng.random()
            line = polygon(-30, 1.2, -10, -0.9, 12, 0.6, 30, -0.8, 12, 1.7, -10, 0.4) * (1, 1.2)
            shapes.append(Fill(moved(line, x, y), light.lit(color, 0.9 if i % 2 else 1.07)))
    else:
        dark, bright = light.lit(color, 0.8), light.lit(color, 1.12)
        shapes += speckles(rng, top, dark, 9, 5.5)
        shapes += speckles(rng, top, bright, 7, 4.0)
    layers = (Layer("ground", GROUND, tuple(shapes)),)
    return Foreground(layers, place(rng, anywhere(rng), top, 0.35, 0.75))


def meadow(rng: np.random.Generator, a: Attributes, light: Light, top: float) -> Foreground:
    """Bright grass with tufts and many flowers of one to three colours."""
    green = rgb(("74b93f", "66b14a", "86bd45")[int(rng.integers(3))])
    shapes: list[Shape] = [floor(rng, light, top, green, 2.0)]
    blade = light.lit(green, 0.76)
    colors = _FLOWERS[int(rng.integers(len(_FLOWERS)))]
    for i, near in enumerate(np.sort(rng.random(52)) ** 0.85):
        x = EXTENT * ((i * 0.618034 + 0.08 * rng.random()) % 1)
        y = top + 5 + (EXTENT - top - 6) * near
        size = 0.75 + 1.35 * near
        if i % 3 == 0:
            tuft = polygon(-1.8, 0, -2.6, -3.4, -0.7, -1.4, 0.1, -4.4, 0.9, -1.4, 2.8, -3.2, 1.8, 0)
            shapes.append(Fill(moved(tuft * size, x, y), blade))
            continue
        petal = light.brighter().lit(colors[i % len(colors)], 1.05)
        shapes.append(Fill(ellipse(x, y, 1.5 * size, 1.25 * size, n=10), petal))
        shapes.append(Fill(ellipse(x, y, 0.55 * size, 0.45 * size, n=6), light.lit("a8641e")))
    layers = (Layer("meadow", GROUND, tuple(shapes)),)
    return Foreground(layers, place(rng, anywhere(rng), top, 0.35, 0.75))


def snow(rng: np.random.Generator, a: Attributes, light: Light, top: float) -> Foreground:
    """Snow in drifts with blue shadows."""
    line = top - 1 + rolling(rng, WHOLE, 2.0)
    stops = (0.0, light.lit("dfe8f4")), (1.0, light.lit("f3f7fc"))
    shapes: list[Shape] = [Fade(above_bottom(WHOLE, line), stops)]
    for i in range(4):
        y = top + (EXTENT - top) * (0.16 + 0.24 * i + 0.06 * rng.random())
        x, long = EXTENT * rng.random(), 26 + 14 * rng.random()
        high = 3.2 + 1.3 * i
        around = np.linspace(0, np.pi, 14)
        hump = np.stack([np.cos(around) * long, -np.sin(around) * high], axis=1)
        belly = np.stack([np.cos(around[::-1]) * long, np.sin(around[::-1]) * high * 0.25], axis=1)
        drift = moved(np.concatenate([hump, belly]), x, y)
        shapes.append(Fill(drift, light.lit("cbd9ec")))
        shapes.append(
            Fill(drift - (0.18 * long * (1 if x > light.side else -1), 0.9), light.lit("fbfdff"))
        )
    return Foreground(
        (Layer("snow", GROUND, tuple(shapes)),), place(rng, anywhere(rng), top, 0.35, 0.75)
    )
