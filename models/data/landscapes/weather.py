"""What falls or hangs before everything else: fog, rain, snow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.landscapes.geometry import EXTENT, ellipse, moved, polygon
from models.data.landscapes.light import Light, mix, rgb
from models.data.landscapes.scene import Fill, Layer, Shape

if TYPE_CHECKING:
    import numpy as np


def fog(rng: np.random.Generator, light: Light, horizon: float) -> Layer:
    """Banks of fog that drift over the land."""
    shapes: list[Shape] = []
    for i in range(6):
        x, y = EXTENT * rng.random(), horizon - 14 + 7.5 * i + 4 * rng.random()
        long, high = 42 + 34 * rng.random(), 3.5 + 2.5 * rng.random()
        shapes.append(Fill(ellipse(x, y, long, high, n=32), light.fog, 0.42))
        shapes.append(Fill(ellipse(x + 8, y, long * 0.7, high * 0.55, n=32), light.fog, 0.36))
    return Layer("fog", None, tuple(shapes))


def rain(rng: np.random.Generator, light: Light) -> Layer:
    """Slanting streaks."""
    color = mix(rgb("e6eef8"), light.middle, 0.55 if light.dark else 0.25)
    slant, shapes = 2.2 + 1.6 * rng.random(), []
    for i in range(56):
        x, y = EXTENT * ((i * 0.618034) % 1) + 6 * rng.random(), EXTENT * rng.random()
        long = 8 + 4 * rng.random()
        streak = polygon(0.75, 0, -0.75, 0, -slant - 0.6, long, -slant + 0.6, long)
        shapes.append(Fill(moved(streak, x, y - 4), color, 0.62))
    return Layer("rain", None, tuple(shapes))


def snowfall(rng: np.random.Generator, light: Light) -> Layer:
    """Flakes of different sizes."""
    color = mix(rgb("ffffff"), light.horizon, 0.12)
    shapes = []
    for i in range(60):
        x, y = EXTENT * ((i * 0.618034) % 1) + 6 * rng.random(), EXTENT * rng.random()
        shapes.append(Fill(ellipse(x - 3, y, 1.3 + 1.0 * rng.random(), n=10), color, 0.95))
    return Layer("snowfall", None, tuple(shapes))
