"""What a network is given beside its input: a caption's features, a class, an adapter's maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Encode = Callable[[list[str]], "Conditions"]
    """n prompts, the empty one among them → what a network is given, n rows."""


class Conditions:
    """Named tensors of equal first dimension, one row an image; never changed.

    Args:
        tensors: by names that the network knows.

    Raises:
        ValueError: there are none, or their first dimensions differ.
    """

    def __init__(self, **tensors: Tensor) -> None:
        if len({len(tensor) for tensor in tensors.values()}) != 1:
            shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
            raise ValueError(f"conditions of different rows: {shapes}")
        self._tensors = {name: tensors[name] for name in sorted(tensors)}

    def __getitem__(self, name: str) -> Tensor:
        """The tensor of that name."""
        return self._tensors[name]

    def __len__(self) -> int:
        """Rows."""
        return len(next(iter(self._tensors.values())))

    @property
    def names(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(self._tensors)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """In the order of :attr:`names`."""
        return tuple(self._tensors.values())

    def having(self, **tensors: Tensor) -> Conditions:
        """These, with some replaced or added."""
        return Conditions(**{**self._tensors, **tensors})

    def rows(self, index: slice | Tensor) -> Conditions:
        """Some of the rows, as indexing a tensor takes them."""
        return Conditions(**{name: tensor[index] for name, tensor in self._tensors.items()})

    def repeat(self, n: int) -> Conditions:
        """The only row n times, sharing its memory."""
        return Conditions(
            **{name: tensor.expand(n, *tensor.shape[1:]) for name, tensor in self._tensors.items()}
        )

    @staticmethod
    def concatenate(parts: Sequence[Conditions]) -> Conditions:
        """The rows of several with the same names, one below the other."""
        return Conditions(
            **{name: torch.cat([part[name] for part in parts]) for name in parts[0].names}
        )
