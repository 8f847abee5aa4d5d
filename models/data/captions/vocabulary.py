"""The words that captions are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models.data.attributes import HATS, NONE
from models.data.attributes import HEADS as FACE_HEADS
from models.data.attributes import Attributes as Face
from models.data.captions import faces, landscapes, plain, writer
from models.data.captions.grammar import words_of
from models.data.landscapes.attributes import HEADS as LANDSCAPE_HEADS
from models.data.landscapes.attributes import Attributes as Landscape

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAMMAR = """a an and also plus with wearing in who that has having wears wear where there is are she he
they his her their"""
"""Of sentences."""


def _values(base: Any, heads: dict[str, tuple[str, ...]]) -> Iterator[Any]:
    for head, values in heads.items():
        for value in values:
            yield replace(base, **{head: value})


def _pictures() -> Iterator[Face | Landscape]:
    """Enough of both worlds for every wording to occur."""
    face = Face("bob", "red", "tan", "open", "smile", NONE, "red", "shirt", NONE, "blue")
    for base in (
        face, replace(face, facial_hair="goatee"), replace(face, facial_hair="beard", hair="bald head"),
        replace(face, hair="cap", hat_color="red"), replace(face, hair="beanie", hat_color="red"),
    ):  # fmt: skip
        for a in _values(base, FACE_HEADS):
            hidden = (a.hair in HATS and a.hat_color == NONE) or a.hair_color == NONE
            if not hidden:
                yield a
    place = Landscape("sunset", "mountains", NONE, NONE, NONE, "clear")
    for base in (
        place,
        replace(place, time="sunrise"),
        replace(place, land="city", weather="rain"),
    ):
        yield from _values(base, LANDSCAPE_HEADS)


def _texts() -> Iterator[str]:
    yield GRAMMAR
    yield from (
        *writer.ORDERS,
        *writer.ENDINGS,
        *writer.JOINTS,
        *writer.FILLERS,
        *landscapes.MOODS,
        *landscapes.SCENES,
    )
    for a in _pictures():
        yield plain.full_caption(a)
        yield from faces.nouns(a) if isinstance(a, Face) else ()
        for meanings in writer.topics(a).values():
            for meaning in meanings:
                for texts in meaning.forms.values():
                    yield from texts


WORDS = tuple(sorted({word for text in _texts() for word in words_of(text)}))
"""Every word that a caption may have, in the order of their token ids."""
