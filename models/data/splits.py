"""How the pictures of a world's splits are drawn by lot, each from (seed, split, index) alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

A = TypeVar("A")
Pair = dict[str, str]
"""Attribute → value, of two that are held out together."""


def pick(rng: np.random.Generator, weights: Mapping[str, int]) -> str:
    """One of the values, as often as its weight."""
    point = rng.random() * sum(weights.values())
    for value, weight in weights.items():
        point -= weight
        if point < 0:
            return value
    return value


def shows_any(attributes: object, pairs: Sequence[Pair]) -> bool:
    """Whether attributes have all values of any of the pairs."""
    return any(all(getattr(attributes, k) == v for k, v in pair.items()) for pair in pairs)


def draw(
    rng: np.random.Generator,
    split: str,
    splits: Mapping[str, int],
    held_out: Sequence[Pair],
    make: Callable[[Pair], A],
) -> A:
    """Attributes for a split: with a held-out pair in ``combo``, without in others but ``judge``.

    Args:
        make: draws attributes that have the values it is given.

    Raises:
        KeyError: the split is not one of ``splits``.
    """
    if split not in splits:
        raise KeyError(f"unknown split {split!r}; choose one of {', '.join(splits)}")
    pair = held_out[int(rng.integers(len(held_out)))] if split == "combo" else {}
    while True:
        made = make(pair)
        if split == "judge" or shows_any(made, held_out) == (split == "combo"):
            return made


def generator(splits: Mapping[str, int], split: str, index: int, seed: int) -> np.random.Generator:
    """The random numbers of one picture.

    Raises:
        IndexError: the split has fewer pictures.
    """
    if split in splits and not 0 <= index < splits[split]:
        raise IndexError(f"split {split!r} has pictures 0 to {splits[split] - 1}, not {index}")
    salt = list(splits).index(split) if split in splits else 0
    return np.random.default_rng([seed, salt, index])
