"""Answers to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.demos.kit.part import Part


@dataclass(frozen=True)
class Answer:
    """One answer: its value in the form, its label, and ``good`` or ``bad`` once it is known."""

    value: str
    label: str
    tone: str = "open"


@dataclass(frozen=True, eq=False)
class Choice(Part):
    """Answers one below the other; each sets a field of the form.

    Attributes:
        field: its name.
        query: of their addresses; without one nothing can be chosen, now or any more.
    """

    kind: ClassVar[str] = "choice"

    field: str
    answers: Sequence[Answer]
    query: str = ""
