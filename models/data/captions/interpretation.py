"""What a prompt claims of a face, found in the tables that captions are written with."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from models.data.attributes import CLOTH_COLORS, HAIR_COLORS, HAIR_STYLES, HATS, draw_attributes
from models.data.captions.claims import HEADS, Claims, both
from models.data.captions.faces import COLORS, NOUNS
from models.data.captions.grammar import words_of
from models.data.captions.rivals import whole
from models.data.captions.sayings import sayings
from models.data.captions.vocabulary import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from models.data.attributes import Attributes as Face

Phrase = tuple[str, ...]
"""Words that follow one another."""

WEARING = "wearing"
ROUNDS = 2
"""Faces of each style and colour of hair that wordings are taken from."""
PEOPLE = frozenset(texts(NOUNS))
"""Words for whoever is shown."""
CLOTH = frozenset(texts(COLORS["cloth"]))
"""Colours of things, which say nothing of a face by themselves: a black cap is on no black skin."""


def interpret(words: Sequence[str]) -> Claims:
    """What must be so in a face that is to be what words ask for.

    The longest phrases are found first; of two that share a word and are as long, the one that
    claims more, or that comes later. Where a prompt contradicts itself, either is right.

    Args:
        words: known ones in small letters, as :attr:`~models.data.captions.tokenizer.Tokens.words`
            has them.

    Returns:
        Nothing of an attribute that the words leave open.
    """
    claims: Claims = {}
    for said in _found(list(words), _phrases()):
        joint = both(claims, said)
        claims = {head: values or claims[head] | said[head] for head, values in joint.items()}
    return {h: values for h, values in claims.items() if len(values) < len(HEADS[h])}


def _found(words: list[str], phrases: Mapping[Phrase, Claims]) -> list[Claims]:
    """What phrases without a common word claim, in their order."""
    longest = max(map(len, phrases))
    matches = [
        (start, tuple(words[start:end]))
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + longest) + 1)
        if tuple(words[start:end]) in phrases and _speaks(words, start, end)
    ]
    matches.sort(key=lambda match: (-len(match[1]), -len(phrases[match[1]]), -match[0]))
    taken: dict[int, Claims] = {}
    used: set[int] = set()
    for start, phrase in matches:
        places = set(range(start, start + len(phrase)))
        if not places & used:
            used |= places
            taken[start] = phrases[phrase]
    return [taken[start] for start in sorted(taken)]


def _speaks(words: Sequence[str], start: int, end: int) -> bool:
    """Whether words claim anything here: a colour alone only of whoever it stands before."""
    alone = end == start + 1 and words[start] in CLOTH
    return not alone or (end < len(words) and words[end] in PEOPLE)


@cache
def _phrases() -> Mapping[Phrase, Claims]:
    """Every phrase that claims something, whatever face it is said of."""
    table: dict[Phrase, Claims] = {}
    for _, role, text, claims in sayings(_faces()):
        if not claims:
            continue
        phrase = tuple(words_of(f"{WEARING} {text}" if role == "worn" and text in CLOTH else text))
        known = table.get(phrase, claims)
        table[phrase] = {head: known[head] | claims[head] for head in known.keys() & claims.keys()}
    return {phrase: claims for phrase, claims in table.items() if claims}


def _faces() -> Iterator[Face]:
    """Faces with every style in every colour, and with enough of all else."""
    rng = np.random.default_rng(0)
    for _ in range(ROUNDS):
        for style in HAIR_STYLES:
            head, colors = (
                ("hat_color", CLOTH_COLORS) if style in HATS else ("hair_color", HAIR_COLORS)
            )
            for color in colors:
                a = draw_attributes(rng, "judge")
                yield whole(replace(a, hair=style, **{head: color}), rng)
