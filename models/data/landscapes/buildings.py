"""Objects that people built: houses, windmills, lighthouses, tents, boats, campfires.

Each function draws around the origin, where the object stands; y is negative above it.
"""

from __future__ import annotations

import math

import numpy as np

from models.data.landscapes.geometry import Points, ellipse, moved, polygon, rectangle, turned
from models.data.landscapes.light import Color, Light, mix, rgb
from models.data.landscapes.scene import Fill, Shape

_WALLS = ("f4e6d0", "f7f3ea", "f0cf9a", "e3b8a0", "cfdde6")
_ROOFS = ("b8443a", "8a4b32", "4d6591", "5a5f6a", "c46a34")
_TENTS = (("e8832e", "b85f1c"), ("2f9c94", "20746e"), ("d64a44", "a33430"), ("e8c030", "b8921c"),
          ("4f7fd8", "355ca8"))  # fmt: skip
_MILLS = (("f2ebdc", "8a4b32"), ("b8745a", "4f4038"), ("e2d2b4", "4d6591"))
_SAILS = ("fbf6ea", "fbf6ea", "e2503f", "f2c14a", "4f8fd8")


def _any(rng: np.random.Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def _window(x: float, y: float, light: Light, wide: float = 4.2, tall: float = 4.4) -> list[Shape]:
    glass = rgb("ffd770") if light.dark else light.lit("8ec4ea")
    return [
        Fill(rectangle(x - 0.7, y - 0.7, wide + 1.4, tall + 1.4), light.lit("f8f4ea", 0.92)),
        Fill(rectangle(x, y, wide, tall), glass),
    ]


def _chimney(x: float, y: float, light: Light) -> Shape:
    return Fill(rectangle(x, y, 3.4, 7), light.lit("8a5a48"))


def house(rng: np.random.Generator, light: Light) -> list[Shape]:
    """A cottage, a long farmhouse, a tall house or a cabin of logs."""
    wall, roof = light.lit(_any(rng, _WALLS)), light.lit(_any(rng, _ROOFS))
    kind = int(rng.integers(4))
    door = light.lit("6a4228")
    if kind == 0:  # gable to the front
        return [
            _chimney(5.5, -23, light),
            Fill(polygon(-10.5, 0, -10.5, -12, 0, -21, 10.5, -12, 10.5, 0), wall),
            Fill(polygon(-13, -10.4, 0, -22, 13, -10.4, 13, -13.4, 0, -25.4, -13, -13.4), roof),
            Fill(rectangle(-7, -8.5, 5, 8.5), door),
            *_window(2.6, -9, light),
        ]
    if kind == 1:  # long side to the front
        return [
            _chimney(6, -23.5, light),
            Fill(rectangle(-14, -11, 28, 11), wall),
            Fill(polygon(-16, -10.5, -11.5, -20.5, 11.5, -20.5, 16, -10.5), roof),
            Fill(rectangle(-2.5, -8.4, 5, 8.4), door),
            *_window(-10.8, -8.4, light),
            *_window(6.4, -8.4, light),
        ]
    if kind == 2:  # two floors
        return [
            Fill(rectangle(-8.5, -20, 17, 20), wall),
            Fill(polygon(-11, -19.4, 0, -29, 11, -19.4), roof),
            Fill(rectangle(-2.4, -8, 4.8, 8), door),
            *_window(-6.6, -17, light, 4, 4.4),
            *_window(2.6, -17, light, 4, 4.4),
        ]
    logs = light.lit("9c6a3c")
    seams = [Fill(rectangle(-12, y, 24, 0.9), light.lit("74491f")) for y in (-3.4, -6.8, -10.2)]
    return [
        _chimney(-8.5, -22, light),
        Fill(rectangle(-12, -12, 24, 12), logs),
        *seams,
        Fill(polygon(-14.5, -11.4, -9, -20, 13, -20, 14.5, -11.4), light.lit("5f4630")),
        Fill(rectangle(4, -8.4, 5, 8.4), light.lit("4a3018")),
        *_window(-8, -9, light, 5.4),
    ]


def windmill(rng: np.random.Generator, light: Light) -> list[Shape]:
    """A tower with a cap and four broad sails."""
    body, cap = _MILLS[int(rng.integers(len(_MILLS)))]
    shapes: list[Shape] = [
        Fill(polygon(-6.4, 0, -3.8, -21, 3.8, -21, 6.4, 0), light.lit(body)),
        Fill(polygon(1, 0, 0.8, -21, 3.8, -21, 6.4, 0), light.lit(body, 0.86)),
        Fill(polygon(-4.8, -20.4, -3.6, -25, 0, -27.4, 3.6, -25, 4.8, -20.4), light.lit(cap)),
        Fill(rectangle(-1.9, -6.4, 3.8, 6.4), light.lit("6a4228")),
        *_window(-1.4, -15, light, 2.8, 3.2),
    ]
    start = 12 + 62 * rng.random()
    for i in range(4):
        arm = moved(turned(rectangle(-0.65, -17, 1.3, 17), start + 90 * i), 0, -23)
        sail = moved(turned(rectangle(0.3, -16.6, 4.0, 13), start + 90 * i), 0, -23)
        shapes += [Fill(sail, light.lit("fbf3e0")), Fill(arm, light.lit("5f4a38"))]
    return [*shapes, Fill(ellipse(0, -23, 1.7, n=12), light.lit("5f4a38"))]


def lighthouse(rng: np.random.Generator, light: Light) -> list[Shape]:
    """A tapering tower with stripes and a lamp, on rocks."""
    stripe = _any(rng, ("cf3f38", "cf3f38", "2f5fa8", "33363f"))
    white, band, rock = light.lit("f8f5ee"), light.lit(stripe), light.lit("7c766e")
    shapes: list[Shape] = [
        Fill(polygon(-12, 1.5, -9.5, -2.6, -4, -4.6, 3, -4.2, 9, -2.4, 12, 1.5), rock),
        Fill(polygon(1, 1.5, 3, -4.2, 9, -2.4, 12, 1.5), light.lit("635e58")),
        Fill(polygon(-5.4, -3, -3.4, -29, 3.4, -29, 5.4, -3), white),
    ]
    for low, high in ((-8, -13), (-18, -23)):
        a, b = 5.4 + (low + 3) * 2 / 26, 5.4 + (high + 3) * 2 / 26
        shapes.append(Fill(polygon(-a, low, -b, high, b, high, a, low), band))
    lamp = rgb("ffe890") if light.dark else light.lit("fff0b0")
    shapes += [
        Fill(rectangle(-4.8, -30.4, 9.6, 2), light.lit("3a3c44")),
        Fill(rectangle(-2.9, -35.4, 5.8, 5.2), lamp),
        Fill(polygon(-4.2, -35.2, 0, -39.6, 4.2, -35.2), band),
    ]
    return shapes


def tent(rng: np.random.Generator, light: Light) -> list[Shape]:
    """A ridge tent seen from a corner, a dome or a tipi."""
    bright, dark = _TENTS[int(rng.integers(len(_TENTS)))]
    front, side, inside = light.lit(bright), light.lit(dark), light.lit("33241c")
    if light.dark:
        inside = mix(rgb("ffcf6a"), rgb(bright), 0.25)
    kind = int(rng.integers(3))
    if kind == 0:
        flip = 1 if rng.random() < 0.5 else -1
        return [
            Fill(polygon(0, -18, 8, -16, 18, -1, 11, 0) * (flip, 1), side),
            Fill(polygon(-13, 0, 0, -18, 11, 0) * (flip, 1), front),
            Fill(polygon(-4.6, 0, -0.4, -12.5, 3.6, 0) * (flip, 1), inside),
        ]
    if kind == 1:
        around = np.linspace(math.pi, 2 * math.pi, 20)
        dome = np.stack([np.cos(around) * 16, np.sin(around) * 16.5], axis=1)
        rib = np.stack([np.cos(around) * 8.4, np.sin(around) * 16.5], axis=1)
        flap = np.stack([np.cos(around) * 5, np.sin(around) * 11], axis=1)
        return [Fill(dome, side), Fill(rib, front), Fill(flap, inside)]
    return [
        Fill(polygon(-3.2, -26, -2, -26.6, 2.6, -20, 1, -19), light.lit("6a4a30")),
        Fill(polygon(3.2, -26, 2, -26.6, -2.6, -20, -1, -19), light.lit("6a4a30")),
        Fill(polygon(-11.5, 0, 0, -22, 11.5, 0), light.lit("f0e2c4")),
        Fill(polygon(-8.9, -5, -6.3, -10, 6.3, -10, 8.9, -5), front),
        Fill(polygon(-3.6, 0, 0, -10.5, 3.6, 0), inside),
    ]


def boat(rng: np.random.Generator, light: Light) -> list[Shape]:
    """A sailing boat with one or two sails, or two masts."""
    hull = light.lit(_any(rng, ("8a4b32", "b8443a", "f4f1ea", "2f5586", "3f7a5a")))
    sail = _any(rng, _SAILS)
    canvas, jib = light.lit(sail), light.lit(sail, 0.88)
    kind, flip = int(rng.integers(3)), 1 if rng.random() < 0.5 else -1
    shapes: list[Shape] = []
    mast = light.lit("4a3524")
    if kind == 0:
        shapes += [
            Fill(rectangle(-0.8, -26, 1.6, 22), mast),
            Fill(polygon(1.4, -25, 12, -6, 1.4, -6), canvas),
            Fill(polygon(-1.4, -23, -9.5, -6, -1.4, -6), jib),
        ]
    elif kind == 1:
        shapes += [
            Fill(rectangle(-3.8, -26, 1.6, 22), mast),
            Fill(polygon(-1.8, -25, 9, -21.5, 12.5, -6, -1.8, -6), canvas),
            Fill(
                polygon(-1.8, -15.5, 10.9, -13.2, 11.8, -9.4, -1.8, -11),
                light.lit(_any(rng, ("e2503f", "4f8fd8", "f2c14a")), 0.95),
            ),
        ]
    else:
        shapes += [
            Fill(rectangle(-5.8, -25, 1.5, 21), mast),
            Fill(rectangle(4.2, -21, 1.5, 17), mast),
            Fill(polygon(-4, -24, 3, -6, -4, -6), canvas),
            Fill(polygon(6, -20, 12.5, -6, 6, -6), canvas),
            Fill(polygon(-6.4, -22, -12, -6, -6.4, -6), jib),
        ]
    shapes += [
        Fill(polygon(-13.5, -5, 14, -5, 9.5, 1.6, -9.5, 1.6), hull),
        Fill(polygon(-13.5, -5, 14, -5, 13.1, -3.4, -12.5, -3.4), light.lit("f4ead6")),
    ]
    return [Fill(s.outline * (flip, 1), s.color) for s in shapes if isinstance(s, Fill)]


def campfire(rng: np.random.Generator, light: Light) -> list[Shape]:
    """Flames over crossed logs in a ring of stones."""
    wood, end, stone = light.lit("6a4228"), light.lit("a87848"), light.lit("8a8680")
    shapes: list[Shape] = [
        Fill(ellipse(x, 0.2 + 1.4 * (abs(x) < 7), 2.6, 1.9, n=12), stone)
        for x in (-11, -6.2, 0, 6.2, 11)
    ]
    for turn in (-16, 16):
        log = moved(turned(rectangle(-10.5, -1.6, 21, 3.2), turn), 0, -2.4)
        shapes += [
            Fill(log, wood),
            Fill(moved(turned(rectangle(8.4, -1.6, 2.1, 3.2), turn), 0, -2.4), end),
        ]
    lean = 2.4 * (rng.random() - 0.5)
    for color, size in (("ea5a1f", 1.0), ("f89a2c", 0.72), ("ffe07a", 0.42)):
        shapes.append(Fill(moved(_flame(lean) * size, 0, -2.6), rgb(color)))
    return shapes


def _flame(lean: float) -> Points:
    return polygon(lean, -20, 2.4, -14.5, 5.2, -16, 6.4, -10, 7.2, -5, 4.6, -0.6, 0, 0.8, -4.6,
                   -0.6, -7.2, -5, -6, -10.5, -4, -13, -2.2, -12)  # fmt: skip


def reflection(shapes: list[Shape], water: Color) -> list[Shape]:
    """The shapes upside down and pale, as water below them shows them."""
    return [
        Fill(moved(shape.outline * (1, -0.62), 0, 1.4), mix(shape.color, water, 0.45), 0.42)
        for shape in shapes
        if isinstance(shape, Fill)
    ]
