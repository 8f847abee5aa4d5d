"""The machine's parts as shapes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from app.demos.kit.part import Part

Shape = Literal["encoder", "decoder", "network", "sampler", "text"]
"""Narrowing, widening, a box of layers, a loop, lines of text."""


@dataclass(frozen=True, eq=False)
class Machine(Part):
    """A part that computes, by its shape and its title."""

    kind: ClassVar[str] = "machine"

    shape: Shape
    title: str
    grow: int = field(default=1, kw_only=True)
