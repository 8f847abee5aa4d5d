"""What a face is made of: ten attributes, how often each value is drawn, which pairs are held out.

The distribution, the splits and the held-out pairs define the data set; changing a weight here
changes every image of every split.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from models.data.splits import draw, pick, shows_any

if TYPE_CHECKING:
    import numpy as np

SPLITS = {"train": 50_000, "validation": 2_000, "test": 5_000, "combo": 2_000, "judge": 22_000}
"""Split name → number of faces. ``combo`` holds only held-out pairs, ``judge`` is unrestricted."""

NONE = "none"

HAIR_STYLES = {
    "long hair": 14, "bob": 11, "side-swept hair": 6, "short hair": 13, "quiff": 6, "mohawk": 5,
    "top knot": 5, "bun": 8, "pigtails": 7, "afro": 8, "curly hair": 7, "thinning hair": 3,
    "bald head": 4, "cap": 6, "beanie": 6,
}  # fmt: skip
HAIR_COLORS = {
    "black": 18, "brown": 18, "blond": 16, "red": 12, "gray": 10, "pink": 10, "blue": 9, "green": 7,
}  # fmt: skip
SKINS = {"light": 1, "tan": 1, "brown": 1, "dark": 1}
EYES = {"open": 38, "happy": 12, "sleep": 10, "wink": 8, "glasses": 18, "sunglasses": 14}
MOUTHS = {
    "smile": 24, "frown": 16, "surprise": 14, "bigSmile": 20, "smirk": 10, "lips": 12,
    "pacifier": 4,
}  # fmt: skip
FACIAL_HAIR = {NONE: 70, "beard": 10, "mustache": 10, "goatee": 7}
CLOTH_COLORS = {
    "red": 1, "orange": 1, "yellow": 1, "green": 1, "blue": 1, "purple": 1, "pink": 1, "white": 1,
    "black": 1,
}  # fmt: skip
GARMENTS = {"shirt": 78, "checkered shirt": 22}
BACKGROUNDS = {
    "blue": 1, "green": 1, "yellow": 1, "orange": 1, "pink": 1, "purple": 1, "gray": 1, "white": 1,
}  # fmt: skip

HATS = ("cap", "beanie")
HAIRLESS = ("bald head", *HATS)
"""Styles under which no hair of the head shows."""


@dataclass(frozen=True)
class Attributes:
    """The ten captioned attributes of one face, in the order of the judge's heads.

    ``hair_color`` is ``none`` where no hair shows, ``hat_color`` is ``none`` without a hat.
    """

    hair: str
    hair_color: str
    skin: str
    eyes: str
    mouth: str
    facial_hair: str
    cloth_color: str
    garment: str
    hat_color: str
    background: str

    @property
    def mouth_visible(self) -> bool:
        """A full beard hides the mouth."""
        return self.facial_hair != "beard"

    def visible(self) -> tuple[bool, ...]:
        """Which attributes can be seen, in :data:`HEADS` order: all but a mouth under a beard."""
        return tuple(name != "mouth" or self.mouth_visible for name in HEADS)

    def indices(self) -> list[int]:
        """Class index of each attribute, in :data:`HEADS` order."""
        return [HEADS[f.name].index(getattr(self, f.name)) for f in fields(self)]

    @staticmethod
    def from_indices(indices: list[int]) -> Attributes:
        """Inverse of :meth:`indices`."""
        pairs = zip(HEADS.items(), indices, strict=True)
        return Attributes(**{name: values[int(i)] for (name, values), i in pairs})


HEADS: dict[str, tuple[str, ...]] = {
    "hair": tuple(HAIR_STYLES),
    "hair_color": (*HAIR_COLORS, NONE),
    "skin": tuple(SKINS),
    "eyes": tuple(EYES),
    "mouth": tuple(MOUTHS),
    "facial_hair": tuple(FACIAL_HAIR),
    "cloth_color": tuple(CLOTH_COLORS),
    "garment": tuple(GARMENTS),
    "hat_color": (*CLOTH_COLORS, NONE),
    "background": tuple(BACKGROUNDS),
}
"""Attribute → its values; the index of a value is its class for the attribute judge."""

HELD_OUT: tuple[dict[str, str], ...] = (
    {"hair_color": "pink", "hair": "afro"},
    {"hair_color": "green", "hair": "long hair"},
    {"hair_color": "blue", "hair": "mohawk"},
    {"hair_color": "gray", "hair": "pigtails"},
    {"hair_color": "blue", "hair": "bob"},
    {"hair_color": "pink", "hair": "short hair"},
    {"eyes": "sunglasses", "hair": "bun"},
    {"eyes": "glasses", "hair": "beanie"},
    {"hair_color": "blue", "facial_hair": "beard"},
    {"facial_hair": "mustache", "eyes": "sunglasses"},
    {"cloth_color": "purple", "background": "yellow"},
    {"cloth_color": "red", "background": "green"},
    {"cloth_color": "yellow", "background": "pink"},
    {"mouth": "lips", "hair": "cap"},
)
"""Pairs that train, validation and test never show together; every ``combo`` face has one."""


def is_held_out(attributes: Attributes) -> bool:
    """Whether the face shows any held-out pair."""
    return shows_any(attributes, HELD_OUT)


def _consistent(a: Attributes) -> Attributes:
    """Remove what cannot be seen: a hat's colour without a hat, hair colour without hair."""
    if a.mouth == "pacifier":
        a = replace(a, facial_hair=NONE)
    if a.hair not in HATS:
        a = replace(a, hat_color=NONE)
    if a.hair in HAIRLESS and a.facial_hair == NONE:
        a = replace(a, hair_color=NONE)
    return a


def _draw(rng: np.random.Generator) -> Attributes:
    return Attributes(
        hair=pick(rng, HAIR_STYLES),
        hair_color=pick(rng, HAIR_COLORS),
        skin=pick(rng, SKINS),
        eyes=pick(rng, EYES),
        mouth=pick(rng, MOUTHS),
        facial_hair=pick(rng, FACIAL_HAIR),
        cloth_color=pick(rng, CLOTH_COLORS),
        garment=pick(rng, GARMENTS),
        hat_color=pick(rng, CLOTH_COLORS),
        background=pick(rng, BACKGROUNDS),
    )


def draw_attributes(rng: np.random.Generator, split: str) -> Attributes:
    """Draw one face of ``split``.

    Raises:
        KeyError: the split is not one of :data:`SPLITS`.
    """
    return draw(rng, split, SPLITS, HELD_OUT, lambda pair: _consistent(replace(_draw(rng), **pair)))
