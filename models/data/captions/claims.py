"""What a caption claims, so that a program can tell of which pictures it is true.

A caption rarely says everything: "a hat" is a cap or a beanie, "no glasses" is any of four kinds of
eyes. A claim therefore is, for each attribute that is spoken of, the set of values it allows.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor

from models.data.attributes import HEADS as FACE_HEADS
from models.data.attributes import Attributes as Face
from models.data.landscapes.attributes import HEADS as LANDSCAPE_HEADS
from models.data.landscapes.attributes import Attributes as Landscape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Picture = Face | Landscape
"""What a caption can be of: the attributes of a picture of either world."""
P = TypeVar("P", bound=Picture)
"""One of the two."""

Claims = dict[str, frozenset[str]]
"""Attribute → the values that are still possible; attributes of both worlds have other names."""

WORLD = "world"
HEADS: dict[str, tuple[str, ...]] = {
    WORLD: ("faces", "landscapes"), **FACE_HEADS, **LANDSCAPE_HEADS,
}  # fmt: skip
"""Every attribute that can be spoken of, and its values."""
PLACES = {item: i for i, item in enumerate((h, value) for h in HEADS for value in HEADS[h])}
"""Attribute and value → its column in a table of pictures."""


def one(head: str, *values: str) -> Claims:
    """The claim that an attribute has one of the values."""
    return {head: frozenset(values)}


def other(head: str, *values: str) -> Claims:
    """The claim that an attribute has none of the values."""
    return {head: frozenset(HEADS[head]) - set(values)}


def both(*claims: Claims) -> Claims:
    """All of the claims at once."""
    out: Claims = {}
    for claim in claims:
        for head, values in claim.items():
            out[head] = out[head] & values if head in out else values
    return out


def world_of(picture: Picture) -> str:
    """The world that a picture is of."""
    return "faces" if isinstance(picture, Face) else "landscapes"


def values_of(picture: Picture) -> dict[str, str]:
    """Attribute → value of one picture, its world among them."""
    return {WORLD: world_of(picture), **asdict(picture)}


def is_true(claims: Claims, values: Mapping[str, str]) -> bool:
    """Whether a picture of these values is what the caption says."""
    return all(values.get(head) in allowed for head, allowed in claims.items())


def truth(said: Sequence[Claims], seen: Sequence[Mapping[str, str]]) -> Tensor:
    """Bool [pictures, captions]: everything that caption j claims is so in picture i."""
    shown = torch.zeros(len(seen), len(PLACES))
    for row, values in zip(shown, seen, strict=True):
        row[[PLACES[item] for item in values.items()]] = 1
    allowed = torch.zeros(len(said), len(PLACES))
    for row, claims in zip(allowed, said, strict=True):
        row[[PLACES[head, value] for head, values in claims.items() for value in values]] = 1
    spoken = torch.tensor([len(claims) for claims in said])
    return shown @ allowed.T == spoken
