"""A split of a world as tensors: rendered once, held in memory, drawn in random batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import numpy as np
import torch
from torch import Tensor

from models.data.attributes import Attributes
from models.data.captions.claims import P, Picture
from models.data.captions.plain import full_caption
from models.data.captions.tokenizer import tokenizer
from models.data.captions.writer import training_caption
from models.data.faces import FACES
from models.data.landscapes.attributes import Attributes as LandscapeAttributes
from models.data.landscapes.world import LANDSCAPES
from models.data.pixels import from_file
from models.data.rendering import files, render_split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.data.captions.writer import Caption
    from models.data.world import World

RUNS = Path(__file__).resolve().parent.parent.parent / "runs"
"""Folder of what is rendered and trained."""


def halved(images: np.ndarray) -> np.ndarray:
    """uint8 [n, H, W, 3] → [n, H/2, W/2, 3], means of 2×2 pixels."""
    n, height, width, _ = images.shape
    blocks = images.reshape(n, height // 2, 2, width // 2, 2, 3)
    total = sum(blocks[:, :, i, :, j].astype(np.uint16) for i in (0, 1) for j in (0, 1))
    return ((np.asarray(total) + 2) // 4).astype(np.uint8)


class Pictures(Generic[P]):
    """Pictures of one split with captions, rendered once into ``runs/NAME``.

    Args:
        world: faces or landscapes.
        split: one of the world's splits.
        count: how many of the split's pictures to use, from the first.
        size: 64 or 128 pixels, or 32, which is 64 shrunk.
        device: where batches go.
        seed: of the order of the batches.

    Raises:
        ValueError: the split has fewer pictures, or another size.
    """

    def __init__(
        self,
        world: World[P, Any],
        split: str,
        count: int,
        size: int = 64,
        device: str = "cpu",
        seed: int = 0,
    ) -> None:
        self.world = world
        drawn = max(64, size)
        folder = render_split(world, RUNS / world.name, split, count, drawn)
        rendered = files(folder, split, drawn)
        images = np.load(rendered["images"], mmap_mode="r")[:count].copy()
        self.images = torch.from_numpy(images if drawn == size else halved(images)).to(device)
        self.indices = np.load(rendered["attributes"])[:count].astype(np.int64)
        self.device = device
        self.rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.images)

    def attributes(self, i: int) -> P:
        """What picture ``i`` shows."""
        return self.world.read(self.indices[i].tolist())

    def draw(self, n: int) -> tuple[Tensor, np.ndarray]:
        """n random pictures in [-1, 1] and their row numbers."""
        rows = self.rng.integers(len(self), size=n)
        return self.take(rows), rows

    def take(self, rows: np.ndarray | slice) -> Tensor:
        """The pictures at ``rows``, float [n, 3, size, size] in [-1, 1]."""
        chosen = (
            self.images[rows] if isinstance(rows, slice) else self.images[torch.as_tensor(rows)]
        )
        return from_file(chosen)

    def parts(self, size: int) -> Iterator[Tensor]:
        """All pictures in order, ``size`` at a time; the last part may be smaller."""
        for start in range(0, len(self), size):
            yield self.take(slice(start, start + size))

    def labels(self, rows: np.ndarray | slice) -> Tensor:
        """Class index of every attribute, int64 [n, heads]."""
        return torch.from_numpy(self.indices[rows]).to(self.device)

    def visible(self, rows: np.ndarray | slice) -> Tensor:
        """Which attributes of each can be seen, bool [n, heads]."""
        return torch.from_numpy(self.world.visible(self.indices[rows])).to(self.device)

    def captions(self, rows: np.ndarray, full: bool = False) -> Tensor:
        """Token ids [n, MAX_TOKENS] of a fresh true caption for each row.

        Args:
            rows: of the pictures.
            full: name all attributes in a fixed order, instead of some in any words.
        """
        texts = [
            full_caption(self.attributes(i))
            if full
            else training_caption(self.attributes(i), self.rng).text
            for i in rows
        ]
        return tokenizer().encode_batch(texts).to(self.device)


class Worlds:
    """Faces and landscapes of one split in one numbering: all faces, then all landscapes.

    Args:
        split, size, device, seed: see :class:`Pictures`.
        count: of faces.
        landscapes: how many there are of those; as many without.

    Attributes:
        worlds: both.
        count: of faces, and so the number of the first landscape.
    """

    def __init__(
        self,
        split: str,
        count: int,
        size: int = 64,
        device: str = "cpu",
        seed: int = 0,
        landscapes: int | None = None,
    ) -> None:
        self.worlds: tuple[Faces | Landscapes, ...] = (
            Faces(split, count, size, device, seed),
            Landscapes(split, landscapes or count, size, device, seed),
        )
        self.count, self.device = len(self.worlds[0]), device
        self.rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return sum(map(len, self.worlds))

    def attributes(self, i: int) -> Picture:
        """What picture ``i`` shows."""
        world = int(i >= self.count)
        return self.worlds[world].attributes(i - world * self.count)

    def said(self, rows: np.ndarray) -> list[Caption]:
        """A fresh true caption for each row."""
        return [training_caption(self.attributes(i), self.rng) for i in rows]

    def captions(self, rows: np.ndarray) -> Tensor:
        """Token ids [n, MAX_TOKENS] of a fresh true caption for each row."""
        texts = [caption.text for caption in self.said(rows)]
        return tokenizer().encode_batch(texts).to(self.device)

    def draw(self, n: int) -> tuple[Tensor, np.ndarray]:
        """n random pictures in [-1, 1], of either world, and their row numbers."""
        rows = self.rng.integers(len(self), size=n)
        return self.take(rows), rows

    def take(self, rows: np.ndarray) -> Tensor:
        """The pictures at ``rows``, float [n, 3, size, size] in [-1, 1]."""
        out = torch.empty(len(rows), *self.worlds[0].take(slice(0, 1)).shape[1:])
        for number, pictures in enumerate(self.worlds):
            mine = (rows >= self.count) == number
            out[torch.from_numpy(mine)] = pictures.take(rows[mine] - number * self.count).cpu()
        return out.to(self.device)

    def both(self, n: int) -> Tensor:
        """The first pictures of both worlds in turn, as many as there are up to n.

        Returns:
            float [at most n, 3, size, size] in [-1, 1].
        """
        turns = np.arange(min(n, 2 * min(map(len, self.worlds))))
        return self.take(turns // 2 + turns % 2 * self.count)

    def parts(self, size: int) -> Iterator[Tensor]:
        """All pictures in order, at most ``size`` at a time and of one world."""
        for pictures in self.worlds:
            yield from pictures.parts(size)


class Landscapes(Pictures[LandscapeAttributes]):
    """Landscapes of one split; arguments as those of :class:`Pictures`."""

    def __init__(
        self, split: str, count: int, size: int = 64, device: str = "cpu", seed: int = 0
    ) -> None:
        super().__init__(LANDSCAPES, split, count, size, device, seed)


class Faces(Pictures[Attributes]):
    """Faces of one split; arguments as those of :class:`Pictures`."""

    def __init__(
        self, split: str, count: int, size: int = 64, device: str = "cpu", seed: int = 0
    ) -> None:
        super().__init__(FACES, split, count, size, device, seed)
