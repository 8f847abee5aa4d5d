"""Pictures that one calls one thing or the other, each by a tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part


@dataclass(frozen=True)
class Call:
    """What somebody called a picture, once it is known.

    Attributes:
        who: made it.
        right: whether it was right.
    """

    who: str
    right: bool


@dataclass(frozen=True, eq=False)
class Candidate:
    """One of the pictures.

    Attributes:
        image: float [3, H, W] in [-1, 1], ``None`` for its place alone.
        alt: for those who cannot see it.
        ticked: whether it is called what is asked for.
        text: what it is, once that is known.
        calls: what was called right or wrong.
    """

    image: Tensor | None
    alt: str
    ticked: bool = False
    text: str = ""
    calls: Sequence[Call] = ()

    @property
    def src(self) -> str:
        """Its ``data:`` address, of an image that is there."""
        assert self.image is not None
        return data_uri(self.image)


@dataclass(frozen=True, eq=False)
class Ballot(Part):
    """Twelve pictures, and what is below them, such as a button that hands the ballot in.

    Attributes:
        field: of the form that ticks set, as places from 0 with commas between them.
        other, asked: what a picture is called without and with a tick.
        hidden: further fields of an open ballot, which is a form by itself where no script runs;
            ``None`` where nothing can be ticked, now or any more.
    """

    kind: ClassVar[str] = "ballot"

    field: str
    other: str
    asked: str
    candidates: Sequence[Candidate]
    foot: Part
    hidden: Mapping[str, str | int] | None = None

    @property
    def tag(self) -> Literal["form", "div"]:
        """What holds it."""
        return "div" if self.hidden is None else "form"
