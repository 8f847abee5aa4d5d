"""Kinds of inputs: what may be sent, the bytes that are kept of it, and their tensor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from app.deck.images import read_image
from models.data.pixels import from_file, to_file

PICTURE = 128
BITMAP = 64
POINTS = 2000


@dataclass(frozen=True)
class Kind:
    """A kind of input. Equal bytes are kept of what means the same, so that it has one name.

    Attributes:
        name: in addresses.
        read: from what was sent, a file or raw bytes, to the bytes that are kept; raises ValueError
            with a sentence.
        tensor: from those to a tensor of one row.
    """

    name: str
    read: Callable[[bytes], bytes]
    tensor: Callable[[bytes], Tensor]


def _picture(data: bytes) -> bytes:
    return to_file(read_image(data, PICTURE)[None]).numpy().tobytes()


def _picture_tensor(kept: bytes) -> Tensor:
    """Float [1, 3, 128, 128] in [-1, 1]."""
    pixels = np.frombuffer(kept, np.uint8).reshape(1, PICTURE, PICTURE, 3)
    return from_file(torch.from_numpy(pixels.copy()))


def _bitmap(data: bytes) -> bytes:
    """A file whose dark places are drawn, or 512 bytes of bits, row by row, most significant first.

    Lines keep their place however thin they are: a place is drawn if any pixel of it is dark.
    """
    size = BITMAP**2 // 8
    if len(data) == size:
        return data
    fine = read_image(data, 4 * BITMAP).mean(0)  # channels
    drawn = -torch.nn.functional.max_pool2d(-fine[None], 4)[0] < 0
    return np.packbits(drawn.numpy()).tobytes()


def _bitmap_tensor(kept: bytes) -> Tensor:
    """Float [1, 1, 64, 64], 1 where something is drawn and 0 elsewhere."""
    bits = np.unpackbits(np.frombuffer(kept, np.uint8)).reshape(1, 1, BITMAP, BITMAP)
    return torch.from_numpy(bits.astype(np.float32))


def _points(data: bytes) -> bytes:
    """Pairs of bytes, x and y, each from 0 (left, bottom) to 255 (right, top)."""
    if not data or len(data) % 2 or len(data) > 2 * POINTS:
        raise ValueError(f"Points are sent as 1 to {POINTS:,} pairs of bytes.")
    return data


def _points_tensor(kept: bytes) -> Tensor:
    """Float [1, k, 2] in [-1, 1], k points."""
    levels = torch.from_numpy(np.frombuffer(kept, np.uint8).copy())
    return levels.float().div(127.5).sub(1).view(1, -1, 2)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("picture", _picture, _picture_tensor),
        Kind("drawing", _bitmap, _bitmap_tensor),
        Kind("mask", _bitmap, _bitmap_tensor),
        Kind("points", _points, _points_tensor),
    )
}
"""By name."""


def preview(kind: Kind, kept: bytes) -> Tensor:
    """What an input looks like, float [3, H, W] in [-1, 1]: bitmaps and points black on white."""
    tensor = kind.tensor(kept)[0]
    if kind.name == "points":
        places = ((tensor + 1) / 2 * (BITMAP - 1)).round().long()
        canvas = torch.zeros(1, BITMAP, BITMAP)
        canvas[0, BITMAP - 1 - places[:, 1], places[:, 0]] = 1
        tensor = canvas
    if len(tensor) == 1:
        return (1 - 2 * tensor).expand(3, -1, -1)
    return tensor
