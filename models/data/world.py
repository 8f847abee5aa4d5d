"""What every captioned world of pictures has: attributes, splits, and a renderer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray


class Described(Protocol):
    """The attributes of one picture, as class indices of the world's heads."""

    def indices(self) -> list[int]:
        """Class index of each attribute."""

    def visible(self) -> tuple[bool, ...]:
        """Which attributes can be seen in the picture."""


A = TypeVar("A", bound=Described)
A_co = TypeVar("A_co", bound=Described, covariant=True)


class Composed(Protocol[A_co]):
    """One picture before it is drawn."""

    @property
    def attributes(self) -> A_co:
        """What a caption may tell of it."""


S = TypeVar("S", bound=Composed[Described])


@dataclass(frozen=True)
class World(Generic[A, S]):
    """A set of captioned pictures, each a function of (split, index) alone.

    All functions are module-level ones, so that other processes can be handed the world.

    Attributes:
        name: of its folder of renderings and of its cards.
        heads: attribute → its values; the index of a value is its class.
        splits: name → number of pictures.
        compose: split and index → a picture not drawn yet; raises KeyError for an unknown split
            and IndexError for an index outside it.
        render: the picture as uint8 [size, size, 3], for a size in pixels.
        read: class indices, in the order of ``heads`` → attributes.
        maps: name → what is exactly known of each pixel, uint8 [size, size].
    """

    name: str
    heads: Mapping[str, tuple[str, ...]]
    splits: Mapping[str, int]
    compose: Callable[[str, int], S]
    render: Callable[[S, int], NDArray[np.uint8]]
    read: Callable[[list[int]], A]
    maps: Mapping[str, Callable[[S, int], NDArray[np.uint8]]] = field(default_factory=dict)

    def visible(self, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which attributes can be seen: class indices [n, heads] → bool [n, heads]."""
        seen = [self.read(row).visible() for row in rows.tolist()]
        return np.array(seen, dtype=bool).reshape(len(rows), len(self.heads))
