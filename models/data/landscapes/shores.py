"""Foregrounds with a line through them: lake, beach, river, road."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.data.landscapes.geometry import (
    EXTENT,
    Points,
    above_bottom,
    band,
    ellipse,
    moved,
    rectangle,
    ribbon,
    rolling,
)
from models.data.landscapes.ground import (
    FORE,
    GROUND,
    Foreground,
    Place,
    floor,
    grass,
    place,
    speckles,
)
from models.data.landscapes.lands import WHOLE, glitter, glitters, waves
from models.data.landscapes.light import Light, mix, rgb
from models.data.landscapes.scene import Fill, Layer, Shape, Stops, Water
from models.data.landscapes.vegetation import bush

if TYPE_CHECKING:
    from models.data.landscapes.attributes import Attributes

Line = NDArray[np.float64]
_AROUND = np.linspace(0, 2 * math.pi, 48, endpoint=False)
_AROUND_SINE = np.sin(_AROUND)


def _depths(light: Light, far: str, near: str) -> Stops:
    return (0.0, light.far(far, 0.33)), (1.0, light.lit(near))


def lake(rng: np.random.Generator, a: Attributes, light: Light, top: float) -> Foreground:
    """A lake that mirrors the land; wide ones leave the picture at both sides."""
    green = grass(a)
    room = EXTENT - top
    wide = rng.random() < 0.4
    long = 82.0 if wide else 44 + 12 * rng.random()
    high = room * (0.27 + 0.05 * rng.random())
    x = EXTENT / 2 if wide else EXTENT * (0.42 + 0.16 * rng.random())
    y = top + 4 + high
    form = _lake_form(rng)
    outline = moved(form * (long, high), x, y)
    outline[:, 1] = np.maximum(outline[:, 1], top + 2.5)
    bank = outline + (outline - (x, y)) * 0.035 + (0, 0.9)
    shore = light.lit(mix(green, rgb("c8b27c"), 0.6), 0.95)
    edge = float(outline[:, 1].min())
    surface: list[Shape] = [
        Fill(bank, shore),
        Water(outline, _depths(light, "7fb4d8", "2a6ca6"), edge - 1, 0.42),
    ]
    reach = max(x - long * 0.62, 4.0), min(x + long * 0.62, 124.0)
    surface += waves(rng, light, y - high * 0.45, y + high * 0.62, reach)
    meadow = floor(rng, light, top, green, 1.5)
    reeds = _reeds(rng, light, outline[_AROUND_SINE > 0.25], x)
    layers = (
        Layer("ground", GROUND, (meadow,)),
        Layer("lake", FORE, tuple(surface)),
        Layer("ground", FORE + 8, tuple(reeds)),
    )
    left = rng.random() < 0.5
    foot = min(118.0, y + high * 0.92 + 5 * rng.random())
    return Foreground(
        layers,
        Place((23 if left else EXTENT - 23) + 8 * (rng.random() - 0.5), foot, 1.12),
        Place(x + 16 * (rng.random() - 0.5), y + high * 0.12, 0.98),
    )


def _lake_form(rng: np.random.Generator) -> Points:
    """A round outline of radius about 1 with bays, flatter at the far shore."""
    p, q = 2 * math.pi * rng.random(2)
    radius = 1 + 0.10 * np.sin(2 * _AROUND + p) + 0.07 * np.sin(3 * _AROUND + q)
    radius += 0.03 * np.sin(5 * _AROUND)
    flat = np.where(_AROUND_SINE < 0, 0.8, 1.0)  # the far shore is seen from a lower angle
    return np.stack([radius * np.cos(_AROUND), radius * _AROUND_SINE * flat], axis=1)


def _reeds(
    rng: np.random.Generator, light: Light, near: NDArray[np.float64], x: float
) -> list[Shape]:
    shapes: list[Shape] = []
    for i in rng.integers(len(near), size=3):
        px, py = near[i]
        if 6 < px < EXTENT - 6 and abs(px - x) > 14:
            size = 2.6 + 1.2 * rng.random()
            shapes += bush(
                float(px), float(py) + 2.5, size, light.lit("5d9a3c"), light.lit("477c30")
            )
    return shapes


def beach(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Foreground:
    """Sand before a strip of sea with surf."""
    layers: list[Layer] = []
    depth = 17 + 8 * rng.random()
    if a.land == "sea":
        depth += 6
    slope = (rng.random() - 0.5) * 14
    line = horizon + depth + slope * (WHOLE / EXTENT - 0.5) + rolling(rng, WHOLE, 2.6, (1.2, 2.4))
    if a.land != "sea":
        area = rectangle(0, horizon + 4, EXTENT, float(line.max()) - horizon + 6)
        surface: list[Shape] = [Water(area, _depths(light, "74b4dc", "2f7fb4"), horizon + 4, 0.34)]
        surface += waves(rng, light, horizon + 6, float(line.min()) - 3, (0, EXTENT))
        if glitters(a):
            surface += glitter(rng, light, horizon + 7, float(line.min()) - 3)
        layers.append(Layer("water", 120, tuple(surface)))
    sand = rgb("efd9a2")
    shapes: list[Shape] = [
        Fill(above_bottom(WHOLE, line - 3.4), light.lit("f4fafc", 1.02)),
        Fill(
            above_bottom(WHOLE, line - 0.6 + rolling(rng, WHOLE, 0.7, (5, 8))), light.lit("c4a877")
        ),
        Fill(above_bottom(WHOLE, line + 3.6 + rolling(rng, WHOLE, 0.8, (3, 5))), light.lit(sand)),
    ]
    low = float(line.max()) + 4
    shapes += speckles(rng, low, light.lit(sand, 0.88), 8, 5.0)
    shapes += speckles(rng, low, light.lit("fff2d0"), 6, 2.0)
    for _ in range(2):
        x, y = EXTENT * rng.random(), low + 4 + (EXTENT - low - 8) * rng.random()
        shapes.append(Fill(ellipse(x, y, 2.6, 1.6, n=10), light.lit("a8988a")))
    layers.append(Layer("beach", GROUND, tuple(shapes)))
    x = 24 + 80 * rng.random()
    ship = Place(24 + 80 * rng.random(), horizon + depth * 0.62, 0.92)
    return Foreground(tuple(layers), place(rng, x, low - 2, 0.2, 0.6), ship)


def _course(
    rng: np.random.Generator, top: float, near: float, far: float, width: float
) -> tuple[Line, Line, Line]:
    """y, x and width of a way that winds from ``far`` at the horizon to ``near`` at the bottom."""
    t = np.linspace(0, 1, 28)
    y = top + 1 + (EXTENT + 3 - top) * t**1.25
    bend = (7 + 8 * rng.random()) * (1 if rng.random() < 0.5 else -1)
    x = far + (near - far) * t**1.1 + bend * np.sin(t * math.pi * 1.7) * (0.3 + 0.7 * t) * (1 - t)
    return y, x, 3.5 + (width - 3.5) * t**1.35


def _side(rng: np.random.Generator, a: Attributes, wide: float) -> tuple[float, float, float]:
    """x of a way below, of the same at the horizon, and of an object beside it."""
    right = 1 if rng.random() < 0.5 else -1
    if a.object in ("none", "boat"):
        return EXTENT / 2 + right * 22 * rng.random(), EXTENT * (0.35 + 0.3 * rng.random()), 64.0
    middle = EXTENT / 2
    near = middle + right * (46 - wide * 0.5 + 8 * rng.random())
    return near, middle + right * 18 * rng.random(), middle - right * (30 + 8 * rng.random())


def river(rng: np.random.Generator, a: Attributes, light: Light, top: float) -> Foreground:
    """A river that winds towards the viewer."""
    width = 66.0 if a.object == "boat" else 44 + 10 * rng.random()
    near, far, x = _side(rng, a, width)
    sand = a.land == "desert"
    green = rgb("d8ab68") if sand else grass(a)
    y, middle, wide = _course(rng, top, near, far, width)
    outline = band(y, middle - wide / 2, middle + wide / 2)
    rim = wide / 2 + 1.0 + wide * 0.03
    bank = light.lit("7da353" if sand else mix(green, rgb("b49a68"), 0.65))
    shapes: list[Shape] = [
        Fill(band(y, middle - rim, middle + rim), bank),
        Water(outline, _depths(light, "8cc0e0", "2c74ae"), top - 1, 0.3),
    ]
    crest = mix(light.horizon, (255, 255, 255), 0.35)
    for i in range(5, len(y) - 3, 2):
        shift = wide[i] * 0.42 * (rng.random() - 0.5)
        long = wide[i] * (0.12 + 0.1 * rng.random())
        shapes.append(
            Fill(ellipse(middle[i] + shift, y[i], long, 0.35 + wide[i] * 0.012, n=12), crest, 0.6)
        )
    layers = (
        Layer("ground", GROUND, (floor(rng, light, top, green, 1.5),)),
        Layer("river", FORE, tuple(shapes)),
    )
    deck = min(EXTENT - 12.0, top + (EXTENT - top) * 0.78)
    ship = Place(float(np.interp(deck, y, middle)), deck, 0.95)
    land = place(rng, x, top, 0.4, 0.75)
    return Foreground(layers, land, ship)


def road(rng: np.random.Generator, a: Attributes, light: Light, top: float) -> Foreground:
    """Asphalt with a dashed line, or a path of earth."""
    asphalt = rng.random() < 0.65
    width = 44.0 if asphalt else 34.0
    near, far, x = _side(rng, a, width)
    ground = {"desert": rgb("dcae6c"), "city": rgb("7f9a68")}.get(a.land, grass(a))
    y, middle, wide = _course(rng, top, near, far, width)
    rim = wide / 2 * 1.12 + 0.4
    color, edge = ("5c5e68", "d8d8d4") if asphalt else ("c9a36c", "a8854f")
    if a.land == "desert" and not asphalt:
        color, edge = "a8784a", "8f6238"
    shapes: list[Shape] = [
        Fill(band(y, middle - rim, middle + rim), light.lit(edge)),
        Fill(band(y, middle - wide / 2, middle + wide / 2), light.lit(color)),
    ]
    marks = range(3, len(y) - 2, 3) if asphalt else ()
    for i in marks:
        dash = band(y[i : i + 2], middle[i : i + 2] - wide[i : i + 2] * 0.035,
                    middle[i : i + 2] + wide[i : i + 2] * 0.035)  # fmt: skip
        shapes.append(Fill(dash, light.lit("fbf6e4")))
    if not asphalt:
        for side in (-0.24, 0.24):
            rut = ribbon(np.stack([middle + wide * side, y], axis=1), (wide * 0.09).tolist())
            shapes.append(Fill(rut, light.lit(color, 0.84)))
    layers = (
        Layer("ground", GROUND, (floor(rng, light, top, ground, 1.5),)),
        Layer("road", FORE, tuple(shapes)),
    )
    return Foreground(layers, place(rng, x, top, 0.4, 0.75))


def open_sea(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Foreground:
    """No ground at all: what stands here stands in the sea."""
    here = place(rng, 26 + 76 * rng.random(), horizon, 0.3, 0.7)
    return Foreground((), here, replace(here, scale=here.scale * 1.08))
