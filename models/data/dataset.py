"""Faces of a split as tensors: rendered once, held in memory, captions composed at every draw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from models.data.attributes import Attributes
from models.data.captions import full_caption, tokenizer, training_caption
from models.data.faces import render_split
from models.data.pixels import from_file

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = Path(__file__).resolve().parent.parent.parent / "runs"
"""Folder of what is rendered and trained."""


def halved(images: np.ndarray) -> np.ndarray:
    """uint8 [n, H, W, 3] → [n, H/2, W/2, 3], means of 2×2 pixels."""
    n, height, width, _ = images.shape
    blocks = images.reshape(n, height // 2, 2, width // 2, 2, 3)
    total = sum(blocks[:, :, i, :, j].astype(np.uint16) for i in (0, 1) for j in (0, 1))
    return ((np.asarray(total) + 2) // 4).astype(np.uint8)


class Faces:
    """Faces of one split, rendered once into ``runs/faces`` and drawn in random batches.

    Args:
        split: one of the splits of :mod:`models.data.attributes`.
        count: how many of the split's faces to use, from the first.
        size: 64 or 128 pixels, or 32, which is 64 shrunk.
        device: where batches go.
        seed: of the order of the batches.

    Raises:
        ValueError: the split has fewer faces, or another size.
    """

    def __init__(
        self, split: str, count: int, size: int = 64, device: str = "cpu", seed: int = 0
    ) -> None:
        drawn = max(64, size)
        folder = render_split(RUNS / "faces", split, count, drawn)
        images = np.load(folder / f"{split}-{drawn}.npy", mmap_mode="r")[:count].copy()
        self.images = torch.from_numpy(images if drawn == size else halved(images)).to(device)
        self.indices = np.load(folder / f"{split}-{drawn}-attributes.npy")[:count].astype(np.int64)
        self.device = device
        self.rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.images)

    def attributes(self, i: int) -> Attributes:
        """What face ``i`` shows."""
        return Attributes.from_indices(self.indices[i].tolist())

    def draw(self, n: int) -> tuple[Tensor, np.ndarray]:
        """n random faces in [-1, 1] and their row numbers."""
        rows = self.rng.integers(len(self), size=n)
        return self.take(rows), rows

    def take(self, rows: np.ndarray | slice) -> Tensor:
        """The faces at ``rows``, float [n, 3, size, size] in [-1, 1]."""
        chosen = (
            self.images[rows] if isinstance(rows, slice) else self.images[torch.as_tensor(rows)]
        )
        return from_file(chosen)

    def parts(self, size: int) -> Iterator[Tensor]:
        """All faces in order, ``size`` at a time, the last part smaller where they do not fit."""
        for start in range(0, len(self), size):
            yield self.take(slice(start, start + size))

    def labels(self, rows: np.ndarray | slice) -> Tensor:
        """Class index of every attribute, int64 [n, 10]."""
        return torch.from_numpy(self.indices[rows]).to(self.device)

    def captions(self, rows: np.ndarray, full: bool = False) -> Tensor:
        """Token ids [n, MAX_TOKENS] of a fresh true caption for each row.

        Args:
            rows: of the faces.
            full: name all attributes in a fixed order, instead of some in any words.
        """
        texts = [
            full_caption(self.attributes(i))
            if full
            else training_caption(self.attributes(i), self.rng)
            for i in rows
        ]
        return tokenizer().encode_batch(texts).to(self.device)
