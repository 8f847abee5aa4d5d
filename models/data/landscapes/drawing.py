"""A scene as pixels: the picture, and what is exactly known of it: depth, edges, masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.data.landscapes.geometry import EXTENT
from models.data.landscapes.scene import OVERSAMPLE, Canvas, Scene

Mask = NDArray[np.bool_]


def render(scene: Scene, size: int = 64) -> NDArray[np.uint8]:
    """The picture: uint8 [size, size, 3], each pixel the mean of 3×3."""
    canvas = Canvas(size)
    for layer in scene.layers:
        for shape in layer.shapes:
            shape.paint(canvas)
    return np.asarray(canvas.image.reduce(OVERSAMPLE), dtype=np.uint8)


def _numbered(scene: Scene, size: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Which shape is in front, [3 · size, 3 · size], and the layer of each shape."""
    large = size * OVERSAMPLE
    image = Image.new("I", (large, large))
    draw = ImageDraw.Draw(image)
    layers: list[int] = []
    for number, layer in enumerate(scene.layers):
        for shape in layer.shapes if layer.depth is not None else ():
            if len(shape.outline):
                corners = (shape.outline * (large / EXTENT)).ravel().tolist()
                draw.polygon(corners, fill=len(layers))
                layers.append(number)
    return np.asarray(image, dtype=np.int32), np.array(layers)


def _centres(fine: NDArray[np.int32]) -> NDArray[np.int32]:
    middle = OVERSAMPLE // 2
    return fine[middle::OVERSAMPLE, middle::OVERSAMPLE]


def depth(scene: Scene, size: int = 64) -> NDArray[np.uint8]:
    """Depth at the middle of each pixel, uint8 [size, size]: 0 the sky … 255 nearest."""
    shapes, layers = _numbered(scene, size)
    levels = np.array([layer.depth or 0 for layer in scene.layers], dtype=np.uint8)
    return levels[layers][_centres(shapes)]


def edges(scene: Scene, size: int = 64, shapes: bool = False) -> NDArray[np.uint8]:
    """Outlines of the layers, two pixels wide: uint8 [size, size], 255 on an edge, else 0.

    Args:
        scene: the landscape.
        size: pixels a side.
        shapes: also the outlines of the shapes within a layer.
    """
    numbers, layers = _numbered(scene, size)
    areas = _centres(numbers)
    if not shapes:
        areas = layers[areas].astype(np.int32)
    out = np.zeros((size, size), dtype=np.uint8)
    across, down = areas[:, 1:] != areas[:, :-1], areas[1:] != areas[:-1]
    out[:, 1:][across] = out[:, :-1][across] = 255
    out[1:][down] = out[:-1][down] = 255
    return out


def mask(scene: Scene, name: str, size: int = 64) -> Mask:
    """Pixels of which the layers of that name show at least a part, bool [size, size].

    Raises:
        KeyError: the scene has no such layer with a depth.
    """
    chosen = np.array([layer.name == name and layer.depth is not None for layer in scene.layers])
    if not chosen.any():
        names = sorted({layer.name for layer in scene.layers if layer.depth is not None})
        raise KeyError(f"no {name!r} in this landscape; it has {', '.join(names)}")
    shapes, layers = _numbered(scene, size)
    shown = chosen[layers][shapes].reshape(size, OVERSAMPLE, size, OVERSAMPLE)
    return np.asarray(shown.any(axis=(1, 3)))
