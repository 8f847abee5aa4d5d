"""The button of a form in a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True, eq=False)
class HandIn(Part):
    """Hands in the form around it with one of the Play's fields set.

    Attributes:
        field, value: what it sets.
        ready: whether it can be pressed yet.
    """

    kind: ClassVar[str] = "hand_in"

    label: str
    field: str
    value: str
    ready: bool = True
