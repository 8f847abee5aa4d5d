"""Pixels as numbers: 8-bit levels 0 … 255 and floats in [-1, 1], and sheets of images."""

from __future__ import annotations

import torch
from torch import Tensor

LEVELS = 256
LEVEL = 2 / (LEVELS - 1)
"""Width of one level of pixels in [-1, 1]."""


def to_levels(images: Tensor) -> Tensor:
    """Pixels in [-1, 1] as their nearest levels, uint8 of the same shape; others are clipped."""
    scaled = images.detach().float().add(1).mul((LEVELS - 1) / 2)
    return scaled.round().clamp(0, LEVELS - 1).to(torch.uint8)


def from_levels(levels: Tensor) -> Tensor:
    """Levels of any integer type as float32 in [-1, 1], of the same shape."""
    return levels.float().div((LEVELS - 1) / 2).sub_(1)


def to_file(images: Tensor) -> Tensor:
    """Float [n, 3, H, W] in [-1, 1] → uint8 [n, H, W, 3], the order of image files."""
    return to_levels(images).permute(0, 2, 3, 1).contiguous()


def from_file(levels: Tensor) -> Tensor:
    """uint8 [n, H, W, 3] → float [n, 3, H, W] in [-1, 1], channels last in memory."""
    return from_levels(levels.permute(0, 3, 1, 2))


def dequantize(images: Tensor, uniform: Tensor) -> Tensor:
    """Spread each pixel evenly over its own level, so that 8-bit images have a density.

    Theis et al., "A Note on the Evaluation of Generative Models", 2016.

    Args:
        images: levels as floats in [-1, 1].
        uniform: random numbers in [0, 1), of the same shape.
    """
    return images + (uniform - 0.5) * LEVEL


def sheet(images: Tensor, columns: int = 8) -> Tensor:
    """Lay n images out in rows, [n, 3, H, W] in [-1, 1] → uint8 [rows · H, columns · W, 3].

    Places that are left over are white.
    """
    n, _, height, width = images.shape
    rows = -(-n // columns)
    out = torch.full((rows * height, columns * width, 3), LEVELS - 1, dtype=torch.uint8)
    for i, image in enumerate(to_file(images.cpu())):
        top, left = i // columns * height, i % columns * width
        out[top : top + height, left : left + width] = image
    return out
