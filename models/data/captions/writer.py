"""Captions as people speak: some of what is true, in any order, in one of many sentence shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.data.attributes import Attributes as Face
from models.data.captions import faces, landscapes, plain, sentences
from models.data.captions.claims import WORLD, Claims, Picture, both, one, world_of
from models.data.captions.forms import Meaning, Topics, choose, pick
from models.data.captions.grammar import words_of
from models.data.captions.tokenizer import MAX_TOKENS
from models.data.captions.wordings import wordings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LONGEST = MAX_TOKENS - 2
"""Words that the tokenizer reads of a prompt."""
COUNTS = {1: 0.16, 2: 0.22, 3: 0.2, 4: 0.15, 5: 0.09, 6: 0.06, 99: 0.12}
"""How many topics a caption speaks of → how often; 99 are all."""
PLAIN = 0.2
"""Share of captions in the words of :mod:`models.data.captions.plain`."""
FILLED = 0.12
"""Share of captions with one to three words in them that claim nothing."""
ENDED = 0.05
"""Share of captions with an ending: "please", "if you can"."""

_TEXTS = wordings("sentences")
_TAGS = frozenset({"thing", "adjective", "phrase", "clause"})


@dataclass(frozen=True)
class Caption:
    """A caption and what it claims.

    Attributes:
        text: in small letters, at most :data:`LONGEST` words.
        claims: what must be so in a picture for it to be true, its world first.
    """

    text: str
    claims: Claims


def training_caption(a: Picture, rng: np.random.Generator) -> Caption:
    """A true caption of a picture, as somebody might say it."""
    if rng.random() < PLAIN:
        return Caption(*plain.draw(a, rng))
    known = [meanings for meanings in topics(a).values() if rng.random() < _worth(meanings)]
    count = choose(rng, list(COUNTS), list(COUNTS.values()))
    while True:
        order = rng.permutation(len(known))[:count]
        caption = compose(a, [known[i] for i in order], rng)
        if len(words_of(caption.text)) <= LONGEST:
            return caption
        count = min(count, len(known)) - 1


def topics(a: Picture) -> Topics:
    """What can be said of a picture, by topic."""
    return faces.topics(a) if isinstance(a, Face) else landscapes.topics(a)


def compose(a: Picture, chosen: Sequence[Sequence[Meaning]], rng: np.random.Generator) -> Caption:
    """One caption that speaks of the chosen topics, in their order."""
    tags = rng.random() < (0.4 if len(chosen) > 1 else 0.55)
    roles = _TAGS if tags else _TAGS | {"worn" if isinstance(a, Face) else "head"}
    picked = [choose(rng, ms, [m.weight for m in ms]).say(rng, roles) for ms in chosen]
    said = [s for s in picked if s]
    text = (sentences.tags if tags else sentences.sentence)(a, said, rng)
    if rng.random() < (0.12 if tags else 0.3):
        text = f"{pick(rng, _TEXTS['orders'])} {text}"
    if rng.random() < ENDED:
        text = f"{text} {pick(rng, _TEXTS['endings'])}"
    if rng.random() < FILLED:
        text = _filled(text, rng)
    text = re.sub(r"\ba (?=[aeiou])", "an ", text.replace(" ,", ","))
    return Caption(text, both(one(WORLD, world_of(a)), *(s.claims for s in said)))


def _worth(meanings: Sequence[Meaning]) -> float:
    """How often a topic is worth a word: what is absent is named less than what is there."""
    return sum(meaning.weight for meaning in meanings)


def _filled(text: str, rng: np.random.Generator) -> str:
    """With words put in that mean nothing."""
    words = text.split(" ")
    for _ in range(1 + int(rng.integers(3))):
        words.insert(int(rng.integers(len(words) + 1)), pick(rng, _TEXTS["fillers"]))
    return " ".join(words)
