"""What a landscape is made of: six attributes, how often each value is drawn, held-out pairs.

The distribution, the splits and the held-out pairs define the data set; changing a weight here
changes every picture of every split.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from models.data.splits import draw, pick, shows_any

if TYPE_CHECKING:
    import numpy as np

SPLITS = {"train": 50_000, "validation": 2_000, "test": 5_000, "combo": 2_000, "judge": 22_000}
"""Split name → number of landscapes. ``combo`` holds only held-out pairs, ``judge`` is
unrestricted."""

NONE = "none"

TIMES = {"sunrise": 22, "day": 32, "sunset": 26, "night": 20}
LANDS = {
    "mountains": 24, "snowy mountains": 13, "hills": 17, "desert": 12, "forest": 14, "city": 10,
    "sea": 10,
}  # fmt: skip
FORES = {
    "lake": 18, "meadow": 20, "snow": 11, "beach": 12, "river": 14, "road": 12, NONE: 13,
}  # fmt: skip
OBJECTS = {
    "house": 13, "tree": 14, "boat": 14, "tent": 9, "windmill": 9, "lighthouse": 11,
    "campfire": 8, NONE: 22,
}  # fmt: skip
SKIES = {"clouds": 25, "stars": 14, "rainbow": 12, "birds": 13, "balloon": 11, NONE: 25}
WEATHERS = {"clear": 70, "fog": 10, "rain": 10, "snowfall": 10}

WET_FORES = ("lake", "river", "beach")
PRECIPITATION = ("rain", "snowfall")


@dataclass(frozen=True)
class Attributes:
    """The six captioned attributes of one landscape, in the order of the judge's heads."""

    time: str
    land: str
    fore: str
    object: str
    sky: str
    weather: str

    @property
    def wet(self) -> bool:
        """Whether there is water for a boat."""
        return self.land == "sea" or self.fore in WET_FORES

    def indices(self) -> list[int]:
        """Class index of each attribute, in :data:`HEADS` order."""
        return [HEADS[f.name].index(getattr(self, f.name)) for f in fields(self)]

    def visible(self) -> tuple[bool, ...]:
        """Which attributes can be seen, in :data:`HEADS` order.

        Rain and snowfall fall from clouds that cover the sky, so "nothing in the sky" is then not
        something to see.
        """
        covered = self.weather in PRECIPITATION and self.sky == NONE
        return tuple(name != "sky" or not covered for name in HEADS)

    @staticmethod
    def from_indices(indices: list[int]) -> Attributes:
        """Inverse of :meth:`indices`."""
        pairs = zip(HEADS.items(), indices, strict=True)
        return Attributes(**{name: values[int(i)] for (name, values), i in pairs})


HEADS: dict[str, tuple[str, ...]] = {
    "time": tuple(TIMES),
    "land": tuple(LANDS),
    "fore": tuple(FORES),
    "object": tuple(OBJECTS),
    "sky": tuple(SKIES),
    "weather": tuple(WEATHERS),
}
"""Attribute → its values; the index of a value is its class for the judge of landscapes."""

HELD_OUT: tuple[dict[str, str], ...] = (
    {"time": "sunset", "land": "snowy mountains"},
    {"land": "desert", "weather": "snowfall"},
    {"land": "city", "fore": "lake"},
    {"object": "windmill", "time": "night"},
    {"object": "tent", "fore": "beach"},
    {"sky": "balloon", "land": "sea"},
    {"object": "lighthouse", "weather": "fog"},
    {"sky": "rainbow", "land": "forest"},
)
"""Pairs that train, validation and test never show together; every ``combo`` picture has one."""


def is_held_out(attributes: Attributes) -> bool:
    """Whether the landscape shows any held-out pair."""
    return shows_any(attributes, HELD_OUT)


def _possible_sky(a: Attributes) -> str:
    if a.time == "night":
        sky = "stars" if a.sky in ("rainbow", "birds", "balloon") else a.sky
    else:
        sky = NONE if a.sky == "stars" else a.sky
    hidden = {
        "clear": (),
        "fog": ("stars", "rainbow"),
        "rain": ("stars", "clouds", "balloon"),
        "snowfall": ("stars", "clouds", "balloon", "rainbow"),
    }[a.weather]
    return NONE if sky in hidden else sky


def _consistent(a: Attributes) -> Attributes:
    """Replace what cannot be: stars by day, a boat on grass, a lake in the desert."""
    a = replace(a, sky=_possible_sky(a))
    if a.land == "sea" and a.fore != "beach":
        a = replace(a, fore=NONE)
    if a.land == "desert" and a.fore not in ("river", "road"):
        a = replace(a, fore=NONE)
    if a.object == "boat" and not a.wet:
        a = replace(a, object=NONE)
    at_sea = a.land == "sea" and a.fore == NONE
    if at_sea and a.object not in ("boat", "lighthouse", NONE):
        a = replace(a, object="boat")
    if a.object == "lighthouse" and not (at_sea or a.fore in ("lake", "beach")):
        a = replace(a, object=NONE)
    return a


def _draw(rng: np.random.Generator) -> Attributes:
    return Attributes(
        time=pick(rng, TIMES),
        land=pick(rng, LANDS),
        fore=pick(rng, FORES),
        object=pick(rng, OBJECTS),
        sky=pick(rng, SKIES),
        weather=pick(rng, WEATHERS),
    )


def draw_attributes(rng: np.random.Generator, split: str) -> Attributes:
    """Draw one landscape of ``split``.

    Raises:
        KeyError: the split is not one of :data:`SPLITS`.
    """
    return draw(rng, split, SPLITS, HELD_OUT, lambda pair: _consistent(replace(_draw(rng), **pair)))
