"""A landscape as layers of shapes, from far to near, and the canvas that shapes paint on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw

from models.data.landscapes.attributes import Attributes
from models.data.landscapes.geometry import EXTENT, Points, rectangle
from models.data.landscapes.light import Color

OVERSAMPLE = 3
"""Pixels of the canvas for each pixel of the picture, in either direction."""
Stops = tuple[tuple[float, Color], ...]
"""Colours at increasing shares, 0 … 1, of the way down."""
NOWHERE: Points = np.zeros((0, 2))
"""The outline of what has none."""


class Canvas:
    """An RGB picture ``OVERSAMPLE`` times as large as asked for.

    Args:
        size: pixels a side of the picture that comes of it.
    """

    def __init__(self, size: int) -> None:
        self.size = size * OVERSAMPLE
        self.scale = self.size / EXTENT
        self.image = Image.new("RGB", (self.size, self.size))
        self.opaque = ImageDraw.Draw(self.image)
        self.veil = ImageDraw.Draw(self.image, "RGBA")

    def corners(self, outline: Points) -> list[float]:
        """The outline in pixels of the canvas: x0, y0, x1, y1, …"""
        out: list[float] = (outline * self.scale).ravel().tolist()
        return out

    def box(self, outline: Points) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the pixels that the outline may touch."""
        low = np.floor(outline.min(axis=0) * self.scale).clip(0, self.size - 1)
        high = np.ceil(outline.max(axis=0) * self.scale).clip(1, self.size)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def stencil(self, outline: Points) -> tuple[Image.Image, tuple[int, int, int, int]]:
        """The filled outline as a mask of its box, and the box."""
        left, top, right, bottom = box = self.box(outline)
        mask = Image.new("L", (right - left, bottom - top))
        moved = outline * self.scale - (left, top)
        ImageDraw.Draw(mask).polygon(moved.ravel().tolist(), fill=255)
        return mask, box


class Shape(Protocol):
    """Something with an outline that paints itself."""

    @property
    def outline(self) -> Points:
        """Where it is; empty for light and weather, which hide nothing."""

    def paint(self, canvas: Canvas) -> None:
        """Paint over what is on the canvas."""

    def placed(self, x: float, y: float, scale: float) -> Shape:
        """The same, drawn around (x, y) instead of the origin, ``scale`` times as large."""


def column(stops: Stops, box: tuple[int, int, int, int]) -> Image.Image:
    """A picture of the box's size that goes from the first colour at its top to the last."""
    left, high, right, low = box
    rows = np.linspace(0, 1, low - high)
    places = [place for place, _ in stops]
    levels = [np.interp(rows, places, [color[i] for _, color in stops]) for i in range(3)]
    strip = np.zeros((low - high, 4), dtype=np.uint8)
    strip[:, :3] = np.stack(levels, axis=1).round()
    pixels = np.empty((low - high, right - left), dtype=np.uint32)
    pixels[:] = strip.view(np.uint32)  # four bytes at once are set much faster than three
    return Image.frombytes("RGB", pixels.shape[::-1], pixels.tobytes(), "raw", "RGBX")


@dataclass(frozen=True)
class Fill:
    """One colour, or a veil of it where ``alpha`` is under 1."""

    outline: Points
    color: Color
    alpha: float = 1.0

    def paint(self, canvas: Canvas) -> None:
        """See :class:`Shape`."""
        r, g, b = (round(c) for c in self.color)
        corners = canvas.corners(self.outline)
        if self.alpha < 1:
            canvas.veil.polygon(corners, fill=(r, g, b, round(255 * self.alpha)))
        else:
            canvas.opaque.polygon(corners, fill=(r, g, b))

    def placed(self, x: float, y: float, scale: float) -> Fill:
        """See :class:`Shape`."""
        return replace(self, outline=self.outline * scale + (x, y))


@dataclass(frozen=True)
class Fade:
    """Colours that change from the top of the outline to its bottom."""

    outline: Points
    stops: Stops

    def paint(self, canvas: Canvas) -> None:
        """See :class:`Shape`."""
        mask, box = canvas.stencil(self.outline)
        canvas.image.paste(column(self.stops, box), box[:2], mask)

    def placed(self, x: float, y: float, scale: float) -> Fade:
        """See :class:`Shape`."""
        return replace(self, outline=self.outline * scale + (x, y))


@dataclass(frozen=True)
class Backdrop:
    """Colours that change from the top of the picture to its bottom, all over it."""

    stops: Stops
    outline: Points = field(default_factory=lambda: rectangle(0, 0, EXTENT, EXTENT))

    def paint(self, canvas: Canvas) -> None:
        """See :class:`Shape`."""
        canvas.image.paste(column(self.stops, (0, 0, canvas.size, canvas.size)))

    def placed(self, x: float, y: float, scale: float) -> Backdrop:
        """See :class:`Shape`."""
        return replace(self, outline=self.outline * scale + (x, y))


@dataclass(frozen=True)
class Water:
    """A surface that fades and mirrors what is painted above ``line``.

    Attributes:
        line: y about which it mirrors, in units of outlines; at most the top of the outline.
        share: of the mirrored picture in its colour, 0 … 1.
    """

    outline: Points
    stops: Stops
    line: float
    share: float

    def paint(self, canvas: Canvas) -> None:
        """See :class:`Shape`."""
        mask, box = canvas.stencil(self.outline)
        left, high, right, low = box
        line = round(self.line * canvas.scale)
        above = canvas.image.crop((left, 2 * line - low, right, 2 * line - high))
        mirrored = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        surface = Image.blend(column(self.stops, box), mirrored, self.share)
        canvas.image.paste(surface, box[:2], mask)

    def placed(self, x: float, y: float, scale: float) -> Water:
        """See :class:`Shape`."""
        return replace(self, outline=self.outline * scale + (x, y), line=self.line * scale + y)


@dataclass(frozen=True)
class Glow:
    """Light around a point that fades to nothing at ``radius``."""

    x: float
    y: float
    radius: float
    color: Color
    alpha: float
    outline: Points = field(default_factory=lambda: NOWHERE)

    def paint(self, canvas: Canvas) -> None:
        """See :class:`Shape`."""
        side = max(2, round(2 * self.radius * canvas.scale))
        across = np.linspace(-1, 1, 65)
        near = (1 - np.hypot(across, across[:, None])).clip(0) ** 1.6
        levels = Image.fromarray((255 * self.alpha * near).round().astype(np.uint8))
        mask = levels.resize((side, side), Image.Resampling.BILINEAR)
        corner = (
            round((self.x - self.radius) * canvas.scale),
            round((self.y - self.radius) * canvas.scale),
        )
        r, g, b = (round(c) for c in self.color)
        canvas.image.paste((r, g, b), (*corner, corner[0] + side, corner[1] + side), mask)

    def placed(self, x: float, y: float, scale: float) -> Glow:
        """See :class:`Shape`."""
        return replace(self, x=self.x * scale + x, y=self.y * scale + y, radius=self.radius * scale)


@dataclass(frozen=True)
class Layer:
    """Shapes with one name and one distance.

    Attributes:
        name: what it shows, such as ``mountains`` or ``house``.
        depth: 0 (farthest) … 255 (nearest); None for light, shadow and weather, which have no
            distance and hide nothing.
        shapes: in the order of painting.
    """

    name: str
    depth: int | None
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Scene:
    """One landscape: what the caption tells, and the layers that draw it, from far to near."""

    attributes: Attributes
    layers: tuple[Layer, ...]

    def without(self, name: str) -> Scene:
        """The same landscape without the layers of that name."""
        return replace(self, layers=tuple(x for x in self.layers if x.name != name))
