"""The land between sky and foreground: mountains, hills, desert, the sea."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.data.landscapes.geometry import (
    EXTENT,
    above_bottom,
    ellipse,
    polygon,
    rectangle,
    rolling,
)
from models.data.landscapes.light import Light, mix, rgb
from models.data.landscapes.relief import Range, dune_range, mountain_range
from models.data.landscapes.scene import Fill, Layer, Shape, Water
from models.data.landscapes.vegetation import bush

if TYPE_CHECKING:
    from models.data.landscapes.attributes import Attributes

Line = NDArray[np.float64]
_X = np.arange(-2.0, EXTENT + 3, 2.0)
WHOLE = np.arange(EXTENT + 1)
"""The x at which a skyline is given."""
DEPTHS = (64, 84, 104)
"""Of the rows of land, from far to near."""


@dataclass(frozen=True)
class Land:
    """Layers of the land and, at x = 0 … 128, the y of what stands highest, [129]."""

    layers: tuple[Layer, ...]
    skyline: Line


def skyline_of(lines: list[tuple[Line, Line]]) -> Line:
    """The highest of some outlines, each x and y, at x = 0 … 128."""
    heights: Line = np.stack([np.interp(WHOLE, x, y) for x, y in lines]).min(axis=0)
    return heights


def mountains(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Land:
    """Two ranges of rock; with snow on their upper half if the land is "snowy mountains"."""
    snowy = a.land == "snowy mountains"
    rocks = (("7482a0", "5d6a88"), ("5f6a86", "48526e"))
    if rng.random() < 0.35:
        rocks = (("9a8a80", "7c6d66"), ("7d6c62", "5e5049"))
    far = mountain_range(rng, horizon + 3, 34 + 11 * rng.random(), int(rng.integers(2, 5)))
    near = mountain_range(rng, horizon + 6, 17 + 11 * rng.random(), int(rng.integers(3, 5)))
    layers = []
    for i, (chain, air) in enumerate(((far, 0.34), (near, 0.12))):
        bright, dark = (light.far(c, air) for c in rocks[i])
        right = [bool(light.side < x) for x in chain.peaks[:, 0]]
        shapes: list[Shape] = [Fill(chain.area(), bright)]
        shapes += [Fill(chain.shadow(rng, p, right[p]), dark) for p in range(len(right))]
        if snowy:
            shapes += _snow(rng, chain, light, air, right)
        layers.append(Layer(a.land, DEPTHS[i], tuple(shapes)))
    return Land(tuple(layers), skyline_of([(far.x, far.y), (near.x, near.y)]))


def _snow(
    rng: np.random.Generator, chain: Range, light: Light, air: float, right: list[bool]
) -> list[Shape]:
    white, blue = light.far("fbfdff", air * 0.5), light.far("c6d6ec", air * 0.5)
    shapes: list[Shape] = []
    for peak in range(len(chain.peaks)):
        share = 0.42 + 0.2 * rng.random()
        for side in (False, True):
            cap = chain.cap(rng, peak, side, share)
            shapes.append(Fill(cap, blue if side == right[peak] else white))
    return shapes


def hills(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Land:
    """Three rows of round green hills, some with bushes along their tops."""
    snow = 0.6 if a.fore == "snow" else 0.0
    greens = (
        ("8fb57e", "74a85c", "5c9448") if rng.random() < 0.7 else ("a9b86a", "8fab55", "759748")
    )
    layers, lines = [], []
    bushes = rng.random() < 0.6
    for i, (rise, height, air) in enumerate(
        ((11.0, 8.0, 0.42), (6.0, 7.0, 0.22), (0.0, 5.0, 0.04))
    ):
        y = horizon - rise - 2 + rolling(rng, _X, height, (1.4, 2.3))
        color = light.far(mix(rgb(greens[i]), rgb("f2f6fa"), snow), air)
        shapes: list[Shape] = [Fill(above_bottom(_X, y), color)]
        lines.append((_X, y))
        if bushes and i:
            leaf = mix(rgb("3f7f3a"), rgb("e6eef2"), snow * 0.5)
            for x in EXTENT * rng.random(int(rng.integers(4, 8))):
                size = (2.0 + 1.6 * rng.random()) * (0.8 + 0.35 * i)
                foot = float(np.interp(x, _X, y)) + 1.2
                shapes += bush(
                    float(x), foot, size, light.far(leaf, air), light.far(leaf, air, 0.82)
                )
        layers.append(Layer("hills", DEPTHS[i], tuple(shapes)))
    return Land(tuple(layers), skyline_of(lines))


def desert(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Land:
    """Dunes with lit and shaded sides, some before flat-topped rocks."""
    sand = (("e3b873", "c4915a"), ("d9a35c", "b98046")) if rng.random() < 0.7 else (
        ("e0a46c", "be7850"), ("cf8a50", "a8663c"))  # fmt: skip
    layers: list[Layer] = []
    lines: list[tuple[Line, Line]] = []
    if rng.random() < 0.4:
        layer, line = _mesas(rng, light, horizon)
        layers.append(layer)
        lines.append(line)
    for i, (rise, height, air) in enumerate(((1.0, 15.0, 0.26), (5.0, 11.0, 0.06))):
        chain = dune_range(rng, horizon + rise, height + 4 * rng.random(), int(rng.integers(2, 4)))
        shapes: list[Shape] = [Fill(chain.area(), light.far(sand[i][0], air))]
        for p, x in enumerate(chain.peaks[:, 0]):
            side = chain.shadow(rng, p, bool(light.side < x))
            shapes.append(Fill(side, light.far(sand[i][1], air)))
        layers.append(Layer("desert", DEPTHS[i + 1], tuple(shapes)))
        lines.append((chain.x, chain.y))
    return Land(tuple(layers), skyline_of(lines))


def _mesas(
    rng: np.random.Generator, light: Light, horizon: float
) -> tuple[Layer, tuple[Line, Line]]:
    rock, shade, stripe = (light.far(c, 0.28) for c in ("c0714a", "9c5636", "d38a5e"))
    shapes: list[Shape] = []
    line = np.full(len(WHOLE), horizon)
    for i in range(int(rng.integers(1, 3))):
        x, wide = 14 + 58 * i + 38 * rng.random(), 11 + 7 * rng.random()
        tall = 18 + 9 * rng.random()
        top, foot = horizon - tall, horizon + 4
        lean = 3 + 2 * rng.random()
        shapes += [
            Fill(
                polygon(x - wide, top, x + wide, top, x + wide + lean, foot, x - wide - lean, foot),
                rock,
            ),
            Fill(rectangle(x - wide - 0.8, top + tall * 0.3, 2 * wide + 1.6, 2.6), stripe),
        ]
        turn = 1 if light.side < x else -1
        shapes.append(
            Fill(polygon(x + turn * wide * 0.45, top, x + turn * wide, top,
                         x + turn * (wide + lean), foot, x + turn * wide * 0.65, foot), shade)
        )  # fmt: skip
        line[np.abs(WHOLE - x) < wide + 1] = top
    return Layer("desert", DEPTHS[0], tuple(shapes)), (WHOLE, line)


def sea(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Land:
    """Water to the horizon, with waves and, under a low sun or the moon, a path of light."""
    stops = (0.0, light.far("6aa8d6", 0.3)), (1.0, light.lit("1f5c96"))
    area = rectangle(0, horizon, EXTENT, EXTENT - horizon + 4)
    shapes: list[Shape] = [Water(area, stops, horizon, 0.06 if a.sky == "rainbow" else 0.3)]
    shapes += waves(rng, light, horizon + 3, EXTENT, (0, EXTENT))
    if glitters(a):
        shapes += glitter(rng, light, horizon + 2, EXTENT - 4)
    return Land((Layer("sea", 110, tuple(shapes)),), np.full(len(WHOLE), horizon))


def waves(
    rng: np.random.Generator, light: Light, top: float, bottom: float, span: tuple[float, float]
) -> list[Shape]:
    """Short bright and dark lines that grow towards the viewer, between two y and two x."""
    shapes: list[Shape] = []
    crest, hollow = mix(light.horizon, (255, 255, 255), 0.3), light.lit("123f6e")
    for i in range(int((bottom - top) * 0.42)):
        near = rng.random()
        long, high = 3 + 6 * near, 0.45 + 0.55 * near
        y = top + (bottom - top) * near
        x = span[0] + long + (span[1] - span[0] - 2 * long) * rng.random()
        color, alpha = (crest, 0.55) if i % 2 else (hollow, 0.4)
        shapes.append(Fill(ellipse(x, y, long, high, n=12), color, alpha))
    return shapes


def glitters(a: Attributes) -> bool:
    """Whether sun or moon is bright and low enough to lay a path on water."""
    return a.weather == "clear" and a.sky != "rainbow" and a.time != "day"


def glitter(rng: np.random.Generator, light: Light, top: float, bottom: float) -> list[Shape]:
    """The path that sun or moon lays on the water."""
    shapes: list[Shape] = []
    color, y = light.sun, top
    while y < bottom:
        near = (y - top) / (bottom - top)
        long = (3 + 7 * near) * (0.75 + 0.5 * rng.random())
        shift = (1 + 2.5 * near) * (rng.random() - 0.5)
        shapes.append(
            Fill(ellipse(light.side + shift, y, long, 0.7 + 0.5 * near, n=12), color, 0.75)
        )
        y += 2.8 + 2.4 * near
    return shapes
