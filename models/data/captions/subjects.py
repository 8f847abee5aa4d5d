"""Which world a word speaks of, found in the tables that captions are written with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.data import attributes
from models.data.captions.claims import HEADS, WORLD, Claims
from models.data.captions.grammar import words_of
from models.data.captions.sayings import sayings
from models.data.captions.vocabulary import texts
from models.data.captions.wordings import wordings
from models.data.landscapes import attributes as landscape_attributes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.data.captions.claims import Picture
    from models.data.captions.sayings import Saying

NAMING = ("thing", "head")
"""Roles of noun phrases: the last word is what they are of."""
SPEAKING = (*NAMING, "adjective")
"""Roles of which every word says something, but for those that hold a phrase together."""
PICTURES = 200
"""Of each world, so that every wording occurs."""


@dataclass
class _Uses:
    """What one world does with a word.

    Attributes:
        names: whether a noun phrase ends with it.
        speaks: whether it stands in one, or before one.
        said: what each wording with it claims.
    """

    names: bool = False
    speaks: bool = False
    said: list[Claims] = field(default_factory=list)


def worlds_of(word: str) -> frozenset[str]:
    """The worlds that a word in small letters belongs to; none where it claims nothing.

    What ends a noun phrase belongs where it does so: a sky to the landscapes, though a wall may be
    "sky blue". Any other word of which all that is said has something in common belongs to the
    worlds that say it, as "foggy" does; a quality of many things, such as "red", to every world.
    """
    return WORLDS.get(word, frozenset())


def worlds_asked(words: Iterable[str]) -> frozenset[str]:
    """The worlds that a prompt speaks of: those that one of its words belongs to alone."""
    belong = map(worlds_of, words)
    return frozenset().union(*(worlds for worlds in belong if len(worlds) == 1))


def _table() -> dict[str, frozenset[str]]:
    uses: dict[str, dict[str, _Uses]] = {}
    for world, role, text, claims in _wordings():
        words = words_of(text)
        for place, word in enumerate(words, 1):
            found = uses.setdefault(word, {}).setdefault(world, _Uses())
            found.names |= role in NAMING and place == len(words)
            found.speaks |= role in SPEAKING
            found.said.append(claims)
    for word in words_of(" ".join(texts(wordings("sentences")))):
        uses.pop(word, None)
    belongs = {word: _belongs(found) for word, found in uses.items()}
    return {word: worlds for word, worlds in belongs.items() if worlds}


def _wordings() -> Iterator[Saying]:
    """Every wording once. A colour alone is worn, and names no thing."""
    seen: set[tuple[str, str, str]] = set()
    for saying in sayings(_pictures()):
        if saying.role != "worn" and saying[:3] not in seen:
            seen.add(saying[:3])
            yield saying


def _pictures() -> Iterator[Picture]:
    rng = np.random.default_rng(0)
    for _ in range(PICTURES):
        yield attributes.draw_attributes(rng, "judge")
        yield landscape_attributes.draw_attributes(rng, "judge")


def _belongs(uses: dict[str, _Uses]) -> frozenset[str]:
    named = frozenset(world for world, use in uses.items() if use.names)
    if named or any(_common(use.said) for use in uses.values()):
        return named or frozenset(uses)
    return frozenset(HEADS[WORLD] if any(use.speaks for use in uses.values()) else ())


def _common(said: list[Claims]) -> set[str]:
    """The attributes of which all wordings say something, and not everything together."""
    heads = set.intersection(*(set(claims) for claims in said))
    return {h for h in heads if frozenset().union(*(c[h] for c in said)) != set(HEADS[h])}


WORLDS = _table()
"""Word that a caption may have and that claims something → its worlds."""
