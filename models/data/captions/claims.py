"""What a caption claims, so that a program can tell of which pictures it is true.

A caption rarely says everything: "a hat" is a cap or a beanie, "no glasses" is any of four kinds of
eyes. A claim therefore is, for each attribute that is spoken of, the set of values it allows.
"""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.data.attributes import HEADS as FACE_HEADS
from models.data.landscapes.attributes import HEADS as LANDSCAPE_HEADS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.data.world import Described

Claims = dict[str, frozenset[str]]
"""Attribute → the values that are still possible; attributes of both worlds have other names."""

WORLD = "world"
HEADS: dict[str, tuple[str, ...]] = {
    WORLD: ("faces", "landscapes"), **FACE_HEADS, **LANDSCAPE_HEADS,
}  # fmt: skip
"""Every attribute that can be spoken of, and its values."""


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


def world_of(head: str) -> str:
    """The world that has an attribute."""
    return "faces" if head in FACE_HEADS else "landscapes"


def values_of(attributes: Described) -> dict[str, str]:
    """Attribute → value of one picture, its world among them."""
    assert is_dataclass(attributes) and not isinstance(attributes, type)
    values: dict[str, str] = asdict(attributes)
    return {WORLD: world_of(next(iter(values))), **values}


def is_true(claims: Claims, values: Mapping[str, str]) -> bool:
    """Whether a picture of these values is what the caption says."""
    return all(values.get(head) in allowed for head, allowed in claims.items())


def truth(said: Sequence[Claims], seen: Sequence[Mapping[str, str]]) -> Tensor:
    """Bool [pictures, captions]: everything that caption j claims is so in picture i."""
    places = {(h, v): k for k, (h, v) in enumerate((h, v) for h in HEADS for v in HEADS[h])}
    shown = torch.zeros(len(seen), len(places))
    for row, values in zip(shown, seen, strict=True):
        row[[places[item] for item in values.items()]] = 1
    allowed = torch.zeros(len(said), len(places))
    spoken = torch.zeros(len(said))
    for j, claims in enumerate(said):
        spoken[j] = len(claims)
        allowed[j, [places[h, v] for h, values in claims.items() for v in values]] = 1
    met = shown @ allowed.T
    return met == spoken
