"""What every part of a scene has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """One part: a shape, a picture, a scale …

    Attributes:
        name: by which a formula's symbols light it; several are separated by blanks.
        grow: its share of the row's width, or of the column's height, that is left; 0 for what it
            needs itself, at most 20.
        lit: whether it is at work.
        result: whether it is what a Play is for: all that is shown of it beside a pinned one.
    """

    kind: ClassVar[str]

    name: str = ""
    grow: int = 4
    lit: bool = False
    result: bool = False
