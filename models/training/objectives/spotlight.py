"""Where the small things of landscapes are, so that a loss can look at those that a caption names.

A boat covers a dozen of a latent's 256 places: to an even loss it is worth less than a shade of
the sky, and a network learns it last. Named by the caption, its places may count for more without
a picture being preferred to another, for the caption has settled that there is a boat.
"""

from __future__ import annotations

from functools import partial
from multiprocessing import Pool
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from models.data.dataset import RUNS
from models.data.landscapes.attributes import NONE
from models.data.landscapes.drawing import mask
from models.data.landscapes.world import LANDSCAPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.data.captions.claims import Claims

FOLDER = RUNS / "spotlight"
HEADS = ("object", "sky")
"""Attributes whose values are things with places of their own."""


def places(split: str, count: int, side: int) -> Tensor:
    """Where each thing of the first landscapes of a split shows, bool [count, 2, side, side].

    Computed on all cores once and read from ``runs/spotlight`` after that.
    """
    path = FOLDER / f"{split}-{count}-{side}.npy"
    if not path.exists():
        with Pool() as pool:
            rows = pool.map(partial(_places, split, side), range(count), chunksize=64)
        FOLDER.mkdir(parents=True, exist_ok=True)
        partial_file = path.with_suffix(".part.npy")
        np.save(partial_file, np.stack(rows))
        partial_file.replace(path)
    return torch.from_numpy(np.load(path))


def _places(split: str, side: int, index: int) -> np.ndarray:
    scene = LANDSCAPES.compose(split, index)
    things = (getattr(scene.attributes, head) for head in HEADS)
    nothing = np.zeros((side, side), dtype=bool)
    return np.stack([nothing if name == NONE else mask(scene, name, side) for name in things])


def named(claims: Sequence[Claims]) -> Tensor:
    """Which things each caption says are there, bool [captions, 2]."""
    rows = [[head in said and NONE not in said[head] for head in HEADS] for said in claims]
    return torch.tensor(rows, dtype=torch.bool).reshape(len(claims), len(HEADS))


def boost(things: Tensor, spoken_of: Tensor, strength: float) -> Tensor:
    """Factor of the loss of each place: 1, and more where a named thing is.

    The smaller the thing, the more: all its places together gain up to a quarter of the picture's.

    Args:
        things: see :func:`places`, [n, 2, side, side].
        spoken_of: see :func:`named`, [n, 2].
        strength: the most that is added to a place's weight; 0 leaves all alike.

    Returns:
        [n, 1, side, side].
    """
    shown = (things & spoken_of[:, :, None, None]).float()
    area = shown.sum((2, 3), keepdim=True).clamp(min=1)
    gain = (shown[0, 0].numel() / 4 / area).clamp(max=strength)
    return 1 + (gain * shown).amax(1, keepdim=True)
