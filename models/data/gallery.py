"""256 real faces of the test split, shipped as two PNG sheets, for demos that start from images.

    python -m models.data.gallery

renders the sheets and captions anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.data.attributes import Attributes
from models.data.captions import full_caption
from models.data.faces import compose, render
from models.data.pixels import from_levels

COUNT = 256
COLUMNS = 16
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Gallery:
    """Faces 0 … 255 of the test split.

    Attributes:
        images: float [256, 3, size, size] in [-1, 1].
        captions: the full caption of each.
        attributes: what each shows.
    """

    images: Tensor
    captions: tuple[str, ...]
    attributes: tuple[Attributes, ...]

    def __len__(self) -> int:
        return len(self.captions)


@cache
def gallery(size: int = 64) -> Gallery:
    """The shipped gallery at 64 or 128 pixels.

    Raises:
        ValueError: another size.
    """
    path = FOLDER / f"gallery-{size}.png"
    if not path.exists():
        raise ValueError(f"the gallery has 64 or 128 pixels, not {size}")
    with Image.open(path, formats=("PNG",)) as sheet:
        pixels = torch.from_numpy(np.array(sheet.convert("RGB")))
    rows = COUNT // COLUMNS
    tiles = pixels.view(rows, size, COLUMNS, size, 3).permute(0, 2, 4, 1, 3)
    images = from_levels(tiles.reshape(COUNT, 3, size, size))
    indices = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))["attributes"]
    attributes = tuple(Attributes.from_indices(row) for row in indices)
    return Gallery(images, tuple(full_caption(a) for a in attributes), attributes)


def write() -> None:
    """Render the sheets and write the attributes beside them."""
    faces = [compose("test", i) for i in range(COUNT)]
    for size in (64, 128):
        tiles = np.stack([render(face, size) for face in faces])
        rows = COUNT // COLUMNS
        sheet = tiles.reshape(rows, COLUMNS, size, size, 3).transpose(0, 2, 1, 3, 4)
        image = Image.fromarray(sheet.reshape(rows * size, COLUMNS * size, 3))
        image.save(FOLDER / f"gallery-{size}.png", optimize=True)
    record = {"split": "test", "attributes": [face.attributes.indices() for face in faces]}
    (FOLDER / "gallery.json").write_text(json.dumps(record) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
