"""Captions of many pictures of both worlds, written once for all tests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from models.data.attributes import NONE
from models.data.attributes import Attributes as Face
from models.data.attributes import draw_attributes as draw_face
from models.data.captions.writer import Caption, training_caption
from models.data.landscapes.attributes import Attributes as Landscape
from models.data.landscapes.attributes import draw_attributes as draw_landscape

if TYPE_CHECKING:
    from models.data.captions.claims import Picture

FACE = Face(
    hair="afro",
    hair_color="red",
    skin="dark",
    eyes="sunglasses",
    mouth="bigSmile",
    facial_hair="goatee",
    cloth_color="green",
    garment="checkered shirt",
    hat_color=NONE,
    background="yellow",
)
LANDSCAPE = Landscape(
    time="sunset", land="mountains", fore="lake", object="boat", sky="clouds", weather="fog"
)


@cache
def faces(count: int = 500) -> tuple[Face, ...]:
    """Faces of the unrestricted split's distribution."""
    rng = np.random.default_rng(3)
    return tuple(draw_face(rng, "judge") for _ in range(count))


@cache
def landscapes(count: int = 500) -> tuple[Landscape, ...]:
    """Landscapes of the unrestricted split's distribution."""
    rng = np.random.default_rng(3)
    return tuple(draw_landscape(rng, "judge") for _ in range(count))


def pictures() -> tuple[Picture, ...]:
    """Both."""
    return (*faces(), *landscapes())


@cache
def captions() -> tuple[tuple[Picture, Caption], ...]:
    """Sixteen captions of each picture."""
    rng = np.random.default_rng(0)
    return tuple((a, training_caption(a, rng)) for a in pictures() for _ in range(16))


def said_of(a: Picture, count: int = 300) -> list[Caption]:
    """Captions of one picture."""
    rng = np.random.default_rng(0)
    return [training_caption(a, rng) for _ in range(count)]
