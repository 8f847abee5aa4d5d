"""Captions that are nearly true: the same words about a picture that differs in one or two things.

A caption with its colours swapped, or with "no glasses" where there are some, keeps a text encoder
from reading a caption as a bag of words (Yuksekgonul et al., 2022).
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from models.data.attributes import CLOTH_COLORS, HAIR_COLORS, HAIRLESS, HATS, NONE
from models.data.attributes import Attributes as Face
from models.data.captions.claims import HEADS, Picture
from models.data.captions.forms import pick
from models.data.captions.writer import Caption, training_caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

COLORED = ("hair_color", "hat_color", "cloth_color", "background")


def with_rival(a: Picture, rng: np.random.Generator) -> tuple[Caption, Caption]:
    """A true caption of a picture, and what the same words would say of another."""
    again = copy.deepcopy(rng)
    caption = training_caption(a, rng)
    spoken_of = tuple(caption.claims)[1:]  # without the world
    return caption, training_caption(changed(a, spoken_of, rng), again)


def changed(a: Picture, heads: Sequence[str], rng: np.random.Generator) -> Picture:
    """Attributes with colours swapped, or with one or two of the given heads changed."""
    if isinstance(a, Face) and rng.random() < 0.5:
        return swapped(a)
    chosen = rng.permutation(len(heads))[: 1 + int(rng.integers(2))]
    values = {heads[i]: _another(a, heads[i], rng) for i in chosen}
    return whole(replace(a, **values), rng) if isinstance(a, Face) else replace(a, **values)


def swapped(a: Face) -> Face:
    """Colours passed round between hair or hat, clothing and background, where they may be."""
    present = [head for head in COLORED if getattr(a, head) != NONE]
    colors = [getattr(a, head) for head in present]
    moved = zip(present, colors[1:] + colors[:1], strict=True)
    return replace(a, **{head: color for head, color in moved if color in HEADS[head]})


def whole(a: Face, rng: np.random.Generator) -> Face:
    """With colours for what has become visible: hair under a hat taken off, a hat put on."""
    if a.hair in HATS and a.hat_color == NONE:
        a = replace(a, hat_color=pick(rng, list(CLOTH_COLORS)))
    if a.hair not in HATS:
        a = replace(a, hat_color=NONE)
    if a.hair_color == NONE and (a.hair not in HAIRLESS or a.facial_hair != NONE):
        a = replace(a, hair_color=pick(rng, list(HAIR_COLORS)))
    return a


def _another(a: Picture, head: str, rng: np.random.Generator) -> str:
    return pick(rng, [value for value in HEADS[head] if value != getattr(a, head)])
