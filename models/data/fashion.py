"""Fashion-MNIST (Xiao et al., 2017): 70,000 photos of clothing, 28×28 gray pixels, ten classes.

Read from Debian's package ``dataset-fashion-mnist``, or from the usual four IDX files, compressed
or not, in a folder of your own.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.pixels import from_levels

PACKAGE = Path("/usr/share/datasets/fashion-mnist")
VARIABLE = "FASHION_MNIST"
"""Environment variable that may name the folder of IDX files."""
CLASSES = (
    "t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
    "ankle boot",
)  # fmt: skip
BORDER = 2
"""Black pixels that make a photo 32×32, a size that networks can halve."""
PREFIXES = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTE = 0x08


class DatasetError(RuntimeError):
    """The data set is missing or damaged; says which file and how to get it."""


@dataclass(frozen=True)
class Fashion:
    """One split.

    Attributes:
        images: float [n, 1, 28, 28] in [-1, 1], black background.
        labels: int64 [n], index into :data:`CLASSES`.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def read_idx(path: Path) -> Tensor:
    """An IDX file of unsigned bytes as uint8, in the shape that its header gives.

    Raises:
        DatasetError: not such a file, or its length contradicts its header.
    """
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        zeros, kind, dimensions = struct.unpack_from(">HBB", data)
        shape = struct.unpack_from(f">{dimensions}I", data, 4)
    except (OSError, EOFError, struct.error, zlib.error) as error:
        raise DatasetError(f"{path}: cannot be read as an IDX file ({error})") from error
    if zeros != 0 or kind != _UNSIGNED_BYTE:
        raise DatasetError(f"{path}: not an IDX file of unsigned bytes")
    body = np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * dimensions)
    if len(body) != math.prod(shape):
        raise DatasetError(f"{path}: {len(body)} bytes of data where {math.prod(shape)} were due")
    return torch.from_numpy(body.reshape(shape).copy())


def fashion(split: str = "train", folder: Path | None = None) -> Fashion:
    """Load a split.

    Args:
        split: ``train`` (60,000) or ``test`` (10,000).
        folder: of the IDX files; by default that of the environment variable ``FASHION_MNIST``,
            else that of Debian's package.

    Raises:
        ValueError: unknown split.
        DatasetError: files missing, with how to get them, or damaged.
    """
    if split not in PREFIXES:
        raise ValueError(f"Fashion-MNIST has the splits {', '.join(PREFIXES)}, not {split!r}")
    where = folder or Path(os.environ.get(VARIABLE) or PACKAGE)
    pixels = read_idx(_find(where, f"{PREFIXES[split]}-images-idx3-ubyte"))
    labels = read_idx(_find(where, f"{PREFIXES[split]}-labels-idx1-ubyte"))
    if pixels.shape[1:] != (28, 28) or labels.shape != (len(pixels),):
        shapes = f"{tuple(pixels.shape)} and {tuple(labels.shape)}"
        raise DatasetError(f"{where}: images and labels of {split} do not fit together: {shapes}")
    return Fashion(from_levels(pixels[:, None]), labels.long())


def add_border(images: Tensor) -> Tensor:
    """[n, 1, 28, 28] → [n, 1, 32, 32]."""
    return F.pad(images, [BORDER] * 4, value=-1.0)


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DatasetError(
        f"Fashion-MNIST is not in {folder}: {name} or {name}.gz is missing. On Debian or Ubuntu:"
        f" apt-get install dataset-fashion-mnist. Elsewhere: put the four IDX files of"
        f" github.com/zalandoresearch/fashion-mnist into a folder and set {VARIABLE} to it."
    )
