"""256 real pictures of each world's test split, shipped as PNG sheets, for demos that need some.

    python -m models.data.gallery [faces|landscapes]

renders the sheets anew and writes the attributes beside them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.data.captions.claims import P
from models.data.captions.plain import full_caption
from models.data.faces import FACES
from models.data.landscapes.world import LANDSCAPES
from models.data.pixels import from_levels
from models.data.rendering import SIZES

if TYPE_CHECKING:
    from models.data.attributes import Attributes
    from models.data.landscapes.attributes import Attributes as LandscapeAttributes
    from models.data.world import World

COUNT = 256
COLUMNS = 16
HERE = Path(__file__).parent
FOLDERS = {"faces": HERE, "landscapes": HERE / "landscapes"}
"""World → where its sheets are."""
WORLDS: dict[str, World[Any, Any]] = {world.name: world for world in (FACES, LANDSCAPES)}


@dataclass(frozen=True)
class Gallery(Generic[P]):
    """Pictures 0 … 255 of the test split.

    Attributes:
        images: float [256, 3, size, size] in [-1, 1].
        attributes: what each shows.
        captions: the full caption of each.
    """

    images: Tensor
    attributes: tuple[P, ...]
    captions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.attributes)


@cache
def gallery(size: int = 64) -> Gallery[Attributes]:
    """The shipped faces at 64 or 128 pixels.

    Raises:
        ValueError: another size.
    """
    return _gallery(FACES, size)


@cache
def landscapes(size: int = 64) -> Gallery[LandscapeAttributes]:
    """The shipped landscapes at 64 or 128 pixels.

    Raises:
        ValueError: another size.
    """
    return _gallery(LANDSCAPES, size)


def _gallery(world: World[P, Any], size: int) -> Gallery[P]:
    attributes = _attributes(world)
    return Gallery(_images(world, size), attributes, tuple(map(full_caption, attributes)))


def _images(world: World[Any, Any], size: int) -> Tensor:
    if size not in SIZES:
        raise ValueError(f"the gallery has 64 or 128 pixels, not {size}")
    with Image.open(FOLDERS[world.name] / f"gallery-{size}.png", formats=("PNG",)) as sheet:
        pixels = torch.from_numpy(np.array(sheet.convert("RGB")))
    rows = COUNT // COLUMNS
    tiles = pixels.view(rows, size, COLUMNS, size, 3).permute(0, 2, 4, 1, 3)
    return from_levels(tiles.reshape(COUNT, 3, size, size))


def _attributes(world: World[P, Any]) -> tuple[P, ...]:
    record = (FOLDERS[world.name] / "gallery.json").read_text(encoding="utf-8")
    return tuple(world.read(row) for row in json.loads(record)["attributes"])


def write(world: World[Any, Any], folder: Path) -> None:
    """Render a world's sheets into a folder and write the attributes beside them."""
    pictures = [world.compose("test", i) for i in range(COUNT)]
    for size in SIZES:
        tiles = np.stack([world.render(picture, size) for picture in pictures])
        rows = COUNT // COLUMNS
        sheet = tiles.reshape(rows, COLUMNS, size, size, 3).transpose(0, 2, 1, 3, 4)
        image = Image.fromarray(sheet.reshape(rows * size, COLUMNS * size, 3))
        image.save(folder / f"gallery-{size}.png", optimize=True)
    record = {"split": "test", "attributes": [p.attributes.indices() for p in pictures]}
    (folder / "gallery.json").write_text(json.dumps(record) + "\n", encoding="utf-8")


def main() -> None:
    """Command line: render the sheets of one world, or of all."""
    parser = argparse.ArgumentParser(prog="python -m models.data.gallery", description=__doc__)
    parser.add_argument("world", nargs="?", choices=WORLDS, help="which (default: all)")
    chosen = parser.parse_args().world
    for name in [chosen] if chosen else WORLDS:
        write(WORLDS[name], FOLDERS[name])


if __name__ == "__main__":
    main()
