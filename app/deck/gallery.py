"""Uploads are not needed to try an encoder: the app ships galleries of real test pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from models.data.captions.plain import full_caption
from models.data.gallery import Gallery, gallery
from models.data.gallery import landscapes as landscape_gallery


def faces(indices: Sequence[int], size: int = 64) -> Tensor:
    """Gallery faces by index, float [n, 3, size, size].

    Raises:
        ValueError: an index outside the gallery.
    """
    shown = gallery(size)
    for index in indices:
        if not 0 <= index < len(shown):
            raise ValueError(f"the gallery has faces 0 to {len(shown) - 1}, not {index}")
    return shown.images[torch.tensor(list(indices))]


def mixed(each: int, seed: int) -> tuple[Tensor, list[str]]:
    """So many faces and as many landscapes of the galleries, in turn, and what each shows.

    Args:
        each: pictures of a world.
        seed: chooses them.

    Returns:
        Images, float [2 · each, 3, 64, 64], and captions.
    """
    numbers = torch.Generator().manual_seed(seed)
    worlds: tuple[Gallery[Any], ...] = (gallery(), landscape_gallery())
    chosen = [torch.randperm(len(world), generator=numbers)[:each].tolist() for world in worlds]
    pictures = [
        (world.images[place], full_caption(world.attributes[place]))
        for places in zip(*chosen, strict=True)
        for world, place in zip(worlds, places, strict=True)
    ]
    return torch.stack([image for image, _ in pictures]), [caption for _, caption in pictures]
