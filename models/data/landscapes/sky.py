"""The sky and what is in it: sun or moon, stars, rainbow, clouds, birds, a balloon."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from models.data.landscapes.attributes import PRECIPITATION, Attributes
from models.data.landscapes.geometry import (
    EXTENT,
    Points,
    ellipse,
    moved,
    polygon,
    rectangle,
    ribbon,
    turned,
)
from models.data.landscapes.light import Color, Light, mix, rgb
from models.data.landscapes.scene import Backdrop, Fill, Glow, Layer, Shape

Line = NDArray[np.float64]
_WING = np.linspace(-1, 1, 13)
_FEATHERS = (2.4 - 1.8 * np.abs(_WING) ** 1.5).tolist()
RAINBOW = ("e4483f", "f6913a", "f8dc4a", "5cc063", "4a86e4", "8a5fd0")
BALLOONS = (
    ("d63a34", "fff3d6"), ("2f6fd6", "fff3d6"), ("f0a020", "d63a34"), ("7a4fc0", "f8d84a"),
    ("2f9e5a", "fff3d6"), ("e8559a", "fff3d6"),
)  # fmt: skip


def backdrop(light: Light, horizon: float) -> Layer:
    """The sky itself; everything below the horizon has the horizon's colour."""
    low = horizon / EXTENT
    stops = (0.0, light.top), (low * 0.62, light.middle), (low, light.horizon), (1.0, light.horizon)
    return Layer("sky", 0, (Backdrop(stops),))


def height_at(skyline: Line, x: float) -> float:
    """y of the highest land at x."""
    return float(skyline[int(min(max(x, 0), EXTENT))])


def open_place(
    rng: np.random.Generator, skyline: Line, margin: float, away: float | None = None
) -> float:
    """x of a place with much sky, ``margin`` or more from the sides, far from x = ``away``."""
    xs = margin + (EXTENT - 2 * margin) * rng.random(6)
    if away is not None:
        far = xs[np.abs(xs - away) > 30]
        xs = far if len(far) else np.array([EXTENT - margin if away < EXTENT / 2 else margin])
    return float(max(xs, key=lambda x: height_at(skyline, x)))


def sun(rng: np.random.Generator, a: Attributes, light: Light, skyline: Line) -> list[Layer]:
    """Sun or moon with its glow, where nothing hides it; low at sunrise and sunset."""
    if a.weather in PRECIPITATION or a.sky == "rainbow" or rng.random() < 0.1:
        return []
    x, radius = light.side, 7 + 3 * rng.random()
    if a.time in ("sunrise", "sunset"):
        y = height_at(skyline, x) - radius * (1.9 * rng.random() - 0.3)
        radius *= 1.15
    else:
        y = 14 + 14 * rng.random()
    faint = 0.55 if a.weather == "fog" else 1.0
    color = mix(light.fog, light.sun, faint)
    if a.time == "night":
        return [
            Layer("glow", None, (Glow(x, y, radius * 2.6, light.sun, 0.34 * faint),)),
            Layer("moon", 0, (Fill(moved(_moon(rng) * radius, x, y), color),)),
        ]
    return [
        Layer("glow", None, (Glow(x, y, radius * 4.4, light.sun, 0.8 * faint),)),
        Layer("sun", 0, (Fill(ellipse(x, y, radius, n=36), color),)),
    ]


def _moon(rng: np.random.Generator) -> Points:
    """A phase of the moon with radius 1: from a crescent to full, lit from either side."""
    bulge = (1.0, 0.55, 0.1, -0.35, -0.6)[int(rng.integers(5))]
    around = np.linspace(-math.pi / 2, math.pi / 2, 20)
    limb = np.stack([np.cos(around), np.sin(around)], axis=1)
    terminator = np.stack([-bulge * np.cos(around), np.sin(around)], axis=1)[::-1]
    phase = np.concatenate([limb, terminator])
    if bulge < 0:
        phase = phase * 1.15 - (0.3, 0)
    return turned(phase, -28 + (180 if rng.random() < 0.5 else 0) + 20 * rng.random())


def stars(rng: np.random.Generator, light: Light, skyline: Line) -> Layer:
    """Small and large stars above the land."""
    shapes: list[Shape] = []
    color = rgb("fffbe6")
    for i in range(30):
        x = EXTENT * ((i * 0.618 + 0.1 * rng.random()) % 1)
        y = 3 + (height_at(skyline, x) - 8) * rng.random()
        if abs(x - light.side) < 16 and y < 42:
            continue  # the moon may be there, and its dark part hides them
        if i < 7:
            long, thin = 2.7 + 1.3 * rng.random(), 0.75
            ray = polygon(0, -long, thin, -thin, long, 0, thin, thin, 0, long, -thin, thin, -long,
                          0, -thin, -thin)  # fmt: skip
            shapes.append(Fill(moved(ray, x, y), color))
        else:
            radius = 0.75 + 0.5 * rng.random()
            shapes.append(Fill(ellipse(x, y, radius, n=8), mix(color, light.middle, 0.15)))
    return Layer("stars", 0, tuple(shapes))


def rainbow(rng: np.random.Generator, a: Attributes, horizon: float) -> Layer:
    """Six bands of an arc that stands on the horizon, below the clouds if it rains."""
    x = EXTENT * (0.3 + 0.4 * rng.random())
    radius = min(horizon - (18 if a.weather == "rain" else 2), 56 + 8 * rng.random())
    around = np.linspace(math.pi, 2 * math.pi, 40)
    arc = np.stack([np.cos(around), np.sin(around)], axis=1)
    bands = (
        Fill(ribbon(arc * (radius - 2.7 * i) + (x, horizon + 4), 2.9), rgb(color), 0.78)
        for i, color in enumerate(RAINBOW)
    )
    return Layer("rainbow", 13, tuple(bands))


def clouds(rng: np.random.Generator, a: Attributes, light: Light, horizon: float) -> Layer:
    """Heaps with flat bottoms or long streaks; a closed cover where rain or snow falls."""
    if a.weather in PRECIPITATION:
        return _cover(rng, a, light)
    white = light.lit("ffffff")
    if a.time == "night":
        white = mix(rgb("8f9fce"), light.middle, 0.25)
    elif a.time != "day":
        white = mix(rgb("fff4ee"), light.middle, 0.22 if a.time == "sunrise" else 0.45)
    below = mix(white, light.middle, 0.36)
    shapes: list[Shape] = []
    streaks = rng.random() < 0.3
    count = int(rng.integers(3, 5))
    for i in range(count):
        x = EXTENT * (i + 0.2 + 0.6 * rng.random()) / count
        y, width = 12 + (horizon * 0.42 - 12) * rng.random(), 12 + 6 * rng.random()
        if streaks:
            shapes += _streak(rng, x, y, width * 1.25, white)
        else:
            shapes += _heap(rng, x, y, width, white, below)
    return Layer("clouds", 26, tuple(shapes))


def _heap(
    rng: np.random.Generator, x: float, y: float, width: float, white: Color, below: Color
) -> list[Shape]:
    parts = []
    for dx, size in ((-0.62, 0.36), (-0.2, 0.52), (0.26, 0.44), (0.68, 0.3)):
        r = width * size * (0.85 + 0.3 * rng.random())
        parts.append((x + dx * width, y - r * 0.62, r))
    low: list[Shape] = [Fill(ellipse(x, y - 0.12 * width, width * 1.05, width * 0.2), below)]
    low += [Fill(ellipse(cx, cy + 1.2, r), below) for cx, cy, r in parts]
    return low + [Fill(ellipse(cx, cy - 0.4, r * 0.96, r * 0.9), white) for cx, cy, r in parts]


def _streak(
    rng: np.random.Generator, x: float, y: float, width: float, white: Color
) -> list[Shape]:
    return [
        Fill(ellipse(x + width * dx, y + dy, width * long, 2.3 + 0.8 * rng.random()), white, 0.9)
        for dx, dy, long in ((0, 0, 1.0), (0.5, 4.2, 0.7), (-0.4, -3.6, 0.55))
    ]


def _cover(rng: np.random.Generator, a: Attributes, light: Light) -> Layer:
    gray = light.lit("76808f" if a.weather == "rain" else "b4bdca")
    gray = mix(gray, light.middle, 0.38)
    shapes: list[Shape] = []
    for row, (y, share) in enumerate(((13.0, 0.3), (5.0, 0.0))):
        color = mix(gray, light.top, share)
        shapes.append(Fill(rectangle(0, -4, EXTENT, y + 4), color))
        x = -8.0 * row
        while x < EXTENT + 8:
            radius = 8 + 7 * rng.random()
            shapes.append(Fill(ellipse(x, y, radius * 1.35, radius * 0.72), color))
            x += radius * 1.5
    return Layer("clouds", 26, tuple(shapes))


def birds(rng: np.random.Generator, light: Light, skyline: Line) -> Layer:
    """A few birds with spread wings."""
    color = mix(rgb("1c2030"), light.middle, 0.12)
    shapes: list[Shape] = []
    cx = open_place(rng, skyline, 34)
    limit = max(30.0, min(height_at(skyline, cx + d) for d in (-24, 0, 24)) - 8)
    for i in range(int(rng.integers(4, 7))):
        x, y = cx - 26 + 13 * i % 53 + 5 * rng.random(), 12 + (limit - 12) * rng.random()
        span, lift = 5.5 + 2.5 * rng.random(), 0.35 + 0.35 * rng.random()
        wing = np.stack([_WING, -lift * np.sin(np.abs(_WING) * 2.3)], axis=1)
        shapes.append(Fill(moved(ribbon(wing * span, _FEATHERS), x, y), color))
    return Layer("birds", 40, tuple(shapes))


def balloon(rng: np.random.Generator, light: Light, skyline: Line) -> Layer:
    """A striped hot-air balloon with its basket."""
    near = light.brighter()
    x = open_place(rng, skyline, 20, away=light.side)
    radius = 10.5 + 2.5 * rng.random()
    y = max(radius + 3, min(22 + 8 * rng.random(), height_at(skyline, x) - 2.3 * radius))
    outer, inner = BALLOONS[int(rng.integers(len(BALLOONS)))]
    angle = np.linspace(math.pi * 0.86, math.pi * 2.14, 24)
    hull = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    skirt = polygon(0.26, 1.32, -0.26, 1.32)
    shapes: list[Shape] = []
    for width, color in ((1.0, outer), (0.68, inner), (0.3, outer)):
        shape = np.concatenate([hull * (width, 1), skirt * (max(width, 0.5), 1)])
        shapes.append(Fill(shape, near.lit(color)))
    shapes += [
        Fill(polygon(-0.24, 1.3, -0.16, 1.3, -0.1, 1.75, -0.2, 1.75), near.lit("5a4030")),
        Fill(polygon(0.24, 1.3, 0.16, 1.3, 0.1, 1.75, 0.2, 1.75), near.lit("5a4030")),
        Fill(rectangle(-0.27, 1.62, 0.54, 0.42), near.lit("8a5428")),
    ]
    return Layer("balloon", 40, tuple(s.placed(x, y, radius) for s in shapes))
