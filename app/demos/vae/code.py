"""The code z: what its formulas call it, and the plane in which two of its numbers are shown."""

from __future__ import annotations

from torch import Tensor

from app.demos.kit import Symbol, hat

Z_LABEL = "z: 2 of its 128 numbers"

Z = Symbol("z", "z", "the point that was drawn")
REBUILT = Symbol("rebuilt", hat("x"), "what is made of it")


def at(values: Tensor, axes: tuple[int, int]) -> tuple[float, float]:
    """Two numbers of a vector [d]: its place in a plane."""
    return float(values[axes[0]]), float(values[axes[1]])
