"""Captions that are nearly true: the same words about a picture that differs in one or two things.

A caption with its colours swapped, or with "no glasses" where there are some, keeps a text encoder
from reading a caption as a bag of words (Yuksekgonul et al., 2022).
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models.data.attributes import CLOTH_COLORS, HAIR_COLORS, HAIRLESS, HATS, HEADS, NONE
from models.data.attributes import Attributes as Face
from models.data.captions.claims import HEADS as ALL_HEADS
from models.data.captions.writer import Caption, training_caption

if TYPE_CHECKING:
    import numpy as np

    from models.data.landscapes.attributes import Attributes as Landscape

COLORED = ("hair_color", "hat_color", "cloth_color", "background")


def with_rival(a: Face | Landscape, rng: np.random.Generator) -> tuple[Caption, Caption]:
    """A true caption of a picture, and what the same words would say of another."""
    again = copy.deepcopy(rng)
    caption = training_caption(a, rng)
    return caption, training_caption(changed(a, tuple(caption.claims)[1:], rng), again)


def changed(a: Face | Landscape, heads: tuple[str, ...], rng: np.random.Generator) -> Any:
    """Attributes with colours swapped, or with one or two of the given heads changed."""
    if isinstance(a, Face) and rng.random() < 0.5:
        return swapped(a)
    chosen = rng.permutation(len(heads))[: 1 + int(rng.integers(2))]
    return whole(replace(a, **{heads[i]: _another(a, heads[i], rng) for i in chosen}), rng)


def swapped(a: Face) -> Face:
    """Colours passed round between hair or hat, clothing and background, where they may be."""
    present = [head for head in COLORED if getattr(a, head) != NONE]
    colors = [getattr(a, head) for head in present]
    moved = zip(present, colors[1:] + colors[:1], strict=True)
    return replace(a, **{head: color for head, color in moved if color in HEADS[head]})


def _another(a: Face | Landscape, head: str, rng: np.random.Generator) -> str:
    values = [value for value in ALL_HEADS[head] if value != getattr(a, head)]
    return values[int(rng.integers(len(values)))]


def whole(a: Face | Landscape, rng: np.random.Generator) -> Any:
    """With colours for what has become visible: hair under a hat taken off, a hat put on."""
    if not isinstance(a, Face):
        return a
    if a.hair in HATS and a.hat_color == NONE:
        a = replace(a, hat_color=list(CLOTH_COLORS)[int(rng.integers(len(CLOTH_COLORS)))])
    if a.hair not in HATS:
        a = replace(a, hat_color=NONE)
    if a.hair_color == NONE and (a.hair not in HAIRLESS or a.facial_hair != NONE):
        a = replace(a, hair_color=list(HAIR_COLORS)[int(rng.integers(len(HAIR_COLORS)))])
    return a
