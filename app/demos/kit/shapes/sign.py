"""A sign between two parts: minus, equals, divided by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class Sign(Part):
    """A sign, with a small ``label`` below it, such as by what is divided."""

    kind: ClassVar[str] = "sign"

    text: str
    label: str = ""
    grow: int = field(default=0, kw_only=True)
