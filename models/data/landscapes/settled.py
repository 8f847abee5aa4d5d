"""The land that stands upright: a forest, a city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.data.landscapes.geometry import (
    EXTENT,
    Points,
    above_bottom,
    polygon,
    rectangle,
    rolling,
)
from models.data.landscapes.lands import DEPTHS, WHOLE, Land
from models.data.landscapes.light import Light, mix, rgb
from models.data.landscapes.scene import Fill, Layer, Shape
from models.data.landscapes.vegetation import forest_row

if TYPE_CHECKING:
    from models.data.landscapes.attributes import Attributes


def forest(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Land:
    """Three rows of firs, of leafy trees, or of both."""
    conifers = (1.0, 0.0, 0.55)[int(rng.choice(3, p=(0.5, 0.22, 0.28)))]
    snow = 0.35 if a.fore == "snow" else 0.0
    leaves = ["2c6b48", "35774a", "255c40"] if conifers > 0.9 else ["3f8a45", "56993f", "2f7350"]
    if conifers < 0.9 and rng.random() < 0.3:
        leaves = ["c9782e", "d89a3a", "7f8f3c"]
    layers = []
    rows = ((-5.0, 17.0, 0.46), (0.0, 18.0, 0.24), (6.0, 20.0, 0.03))
    for i, (rise, height, air) in enumerate(rows):
        foot = horizon + rise + rolling(rng, WHOLE, 3.2 - i, (1, 2.2))
        colors = [
            light.far(mix(rgb(c), rgb("eef3f7"), snow), air, shade)
            for c in leaves
            for shade in (0.88, 1.0, 1.1)
        ]
        floor = light.far(mix(rgb("33583c"), rgb("eef3f7"), snow), air)
        shapes: list[Shape] = [Fill(above_bottom(WHOLE, foot), floor)]
        shapes += forest_row(rng, foot, height, conifers, colors)
        layers.append(Layer("forest", DEPTHS[i], tuple(shapes)))
    return Land(tuple(layers), np.full(len(WHOLE), horizon - 22))


def city(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Land:
    """Two rows of towers; the windows of the near ones are lit when it is dark."""
    line = np.full(len(WHOLE), horizon)
    far: list[Shape] = []
    x = -4.0
    while x < EXTENT:
        wide, tall = 8 + 7 * rng.random(), 16 + 26 * rng.random() ** 1.4
        far.append(Fill(_tower(rng, x, horizon + 6, wide, tall), light.far("8590ac", 0.48)))
        line[max(0, int(x)) : max(0, int(x + wide) + 1)] = horizon - tall
        x += wide + 3 * rng.random()
    near: list[Shape] = []
    x = -4.0 * rng.random()
    walls = ("5f6a86", "76809a", "8c7a78", "4e5a78", "94908c", "7c6a70")
    while x < EXTENT:
        wide, tall = 10 + 6 * rng.random(), 11 + 21 * rng.random()
        near += _house_front(rng, light, (x, horizon + 7, wide, tall), walls)
        span = slice(max(0, int(x)), max(0, int(x + wide) + 1))
        line[span] = np.minimum(line[span], horizon + 3 - tall)
        x += wide + (2.5 * rng.random() if rng.random() < 0.5 else -0.5)
    layers = Layer("city", DEPTHS[0], tuple(far)), Layer("city", DEPTHS[2], tuple(near))
    return Land(layers, line)


def _tower(rng: np.random.Generator, x: float, foot: float, wide: float, tall: float) -> Points:
    top, right = foot - tall, x + wide
    middle = x + wide / 2
    kind = int(rng.integers(4))
    roof: tuple[float, ...]
    if kind == 0:  # with a spire
        roof = (x, top, middle - 1.2, top, middle, top - 8, middle + 1.2, top, right, top)
    elif kind == 1:  # in steps
        a, b = x + wide * 0.22, right - wide * 0.22
        roof = (x, top + 6, a, top + 6, a, top, b, top, b, top + 6, right, top + 6)
    elif kind == 2:  # under a slanting roof
        roof = (x, top, right, top + wide * 0.5)
    else:
        roof = (x, top, right, top)
    return polygon(*roof, right, foot, x, foot)


def _house_front(
    rng: np.random.Generator,
    light: Light,
    place: tuple[float, float, float, float],
    walls: tuple[str, ...],
) -> list[Shape]:
    x, foot, wide, tall = place
    tall += 4
    wall = light.far(walls[int(rng.integers(len(walls)))], 0.1)
    shapes: list[Shape] = [Fill(_tower(rng, x, foot, wide, tall), wall)]
    glass = mix(
        wall, rgb("dbeaf6") if not light.dark else (0, 0, 0), 0.5 if not light.dark else 0.3
    )
    lamp = mix(rgb("ffd773"), light.fog, light.dim * 0.6)
    columns = max(2, int((wide - 2) // 4))
    gap = (wide - 2.4 * columns) / (columns + 1)
    start = foot - tall + max(8.0, wide * 0.5 + 2)
    for row in range(max(0, int((foot - 3 - start) // 5))):
        for i in range(columns):
            on = light.dark and rng.random() < 0.7
            pane = rectangle(x + gap + i * (2.4 + gap), start + 5 * row, 2.4, 3)
            shapes.append(Fill(pane, lamp if on else glass))
    return shapes
