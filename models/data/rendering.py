"""Splits of a world rendered in parallel into files, each once."""

from __future__ import annotations

import argparse
import os
import sys
import time
import uuid
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.data.world import World

SIZES = (64, 128)
T = TypeVar("T")
Row = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Portion:
    """The first pictures of a split, at one size.

    Attributes:
        world: its name.
        split: one of the world's splits.
        count: how many pictures.
        size: pixels a side.
    """

    world: str
    split: str
    count: int
    size: int = 64

    @property
    def part(self) -> tuple[str, int, int]:
        """Split, count and size, as the pictures of a known world are asked for."""
        return self.split, self.count, self.size


def in_both_worlds(split: str, count: int, size: int = 64) -> tuple[Portion, Portion]:
    """The same of faces and of landscapes."""
    return Portion("faces", split, count, size), Portion("landscapes", split, count, size)


def files(out: Path, split: str, size: int, maps: Iterable[str] = ()) -> dict[str, Path]:
    """Where a rendered split lies: ``images``, ``attributes`` and each map → its file."""
    stem = f"{split}-{size}"
    return {
        "images": out / f"{stem}.npy",
        "attributes": out / f"{stem}-attributes.npy",
        **{name: out / f"{stem}-{name}.npy" for name in maps},
    }


def render_split(
    world: World[Any, Any],
    out: Path,
    split: str,
    count: int,
    size: int,
    workers: int | None = None,
    maps: bool = False,
) -> Path:
    """Render pictures 0 … count-1 of a split into the folder ``out``, which is returned.

    Writes ``{split}-{size}.npy`` (uint8 [count, size, size, 3]),
    ``{split}-{size}-attributes.npy`` (int16 [count, heads]) and, with ``maps``,
    ``{split}-{size}-{map}.npy`` (uint8 [count, size, size]) for each of the world's maps. Files
    that hold as many rows or more are left as they are, and what shorter ones hold is kept.
    Several processes may render into one folder at the same time.

    Raises:
        ValueError: count or size out of range.
        RuntimeError: what the world draws with is not installed.
    """
    if size not in SIZES:
        raise ValueError(f"size must be one of {SIZES}, not {size}")
    if not 1 <= count <= world.splits[split]:
        has = world.splits[split]
        raise ValueError(f"split {split!r} has {has} {world.name}; asked for {count}")
    out.mkdir(parents=True, exist_ok=True)
    targets = files(out, split, size, world.maps if maps else ())
    begun = min(_rows(path) for path in targets.values())
    if begun < count:
        rows = _render(world, split, range(begun, count), size, workers, maps)
        # Pictures last: where they are, the rest is.
        for name in sorted(targets, key="images".__eq__):
            kept = np.load(targets[name], mmap_mode="r")[:begun] if begun else rows[name][:0]
            _publish(np.concatenate([kept, rows[name]]), targets[name])
    return out


def _render(
    world: World[Any, Any], split: str, rows: range, size: int, workers: int | None, maps: bool
) -> Row:
    job = partial(_render_one, world, split, size, maps)
    out: Row = {}
    with Pool(workers or os.cpu_count()) as pool:
        results = pool.imap(job, rows, chunksize=64)
        for i, row in enumerate(_progress(results, len(rows))):
            for name, values in row.items():
                if name not in out:
                    out[name] = np.empty((len(rows), *values.shape), dtype=values.dtype)
                out[name][i] = values
    return out


def _render_one(world: World[Any, Any], split: str, size: int, maps: bool, index: int) -> Row:
    picture = world.compose(split, index)
    row: Row = {
        "images": world.render(picture, size),
        "attributes": np.array(picture.attributes.indices(), dtype=np.int16),
    }
    for name, draw in world.maps.items() if maps else ():
        row[name] = draw(picture, size)
    return row


def rendered(out: Path, split: str, size: int) -> int:
    """How many pictures of a split are in the folder ``out``."""
    return min(_rows(path) for path in files(out, split, size).values())


def _rows(path: Path) -> int:
    return len(np.load(path, mmap_mode="r")) if path.exists() else 0


def _publish(rows: NDArray[Any], path: Path) -> None:
    """Write a file that appears only when it is complete, and never replaces a longer one."""
    partial_file = path.with_name(f"{path.stem}-{uuid.uuid4().hex}.part.npy")
    np.save(partial_file, rows)
    if _rows(path) < len(rows):
        partial_file.replace(path)
    else:
        partial_file.unlink()


def _progress(items: Iterable[T], total: int) -> Iterator[T]:
    began = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        if done % 500 == 0 or done == total:
            left = (time.monotonic() - began) / done * (total - done)
            bar = "█" * (30 * done // total)
            print(f"\r{bar:<30} {done}/{total}, {left:4.0f} s left", end="", file=sys.stderr)
    print(file=sys.stderr)


def command(world: World[Any, Any], program: str, description: str | None) -> None:
    """Command line of a world: render one split into a folder.

    Args:
        world: what to render.
        program: the command, for its help.
        description: the same.
    """
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write into")
    parser.add_argument("--split", choices=world.splits, default="train", help="which pictures")
    parser.add_argument("--count", type=int, help="how many (default: the whole split)")
    parser.add_argument("--size", type=int, choices=SIZES, default=64, help="pixels a side")
    parser.add_argument("--workers", type=int, help="processes (default: all cores)")
    if world.maps:
        parser.add_argument("--maps", action="store_true", help=f"also {', '.join(world.maps)}")
    args = parser.parse_args()
    count = world.splits[args.split] if args.count is None else args.count
    try:
        render_split(
            world,
            args.out,
            args.split,
            count,
            args.size,
            args.workers,
            bool(world.maps) and args.maps,
        )
    except ValueError as error:
        parser.error(str(error))
