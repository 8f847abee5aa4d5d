"""A scene: what a frame shows of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Scene:
    """The machine at one moment.

    Attributes:
        root: what holds all parts, a row or a column.
        text: what is seen, in sentences, made from the run.
        at: name of the step, by which listings light their lines.
        numbers: name of a formula's symbol → its present value.
    """

    root: Part
    text: str
    at: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
