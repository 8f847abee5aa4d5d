"""Captions as people speak: some of what is true, in any order, in one of many sentence shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.data.attributes import Attributes as Face
from models.data.captions import faces, landscapes, plain
from models.data.captions.claims import WORLD, Claims, both, one
from models.data.captions.forms import Meaning, Said, choose
from models.data.captions.grammar import listed, with_article, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from models.data.landscapes.attributes import Attributes as Landscape

LONGEST = 30
"""Words that the tokenizer reads of a prompt."""
COUNTS = {1: 0.16, 2: 0.22, 3: 0.2, 4: 0.15, 5: 0.09, 6: 0.06, 99: 0.12}
"""How many topics a caption speaks of → how often."""
ORDERS = (
    "draw", "draw me", "paint", "paint me", "show me", "show", "give me", "make", "make me", "create", "generate",
    "please draw", "please draw me", "please show me", "i want", "i would like", "id like", "i want to see",
    "can you draw", "could you draw", "can we have", "let us see", "lets see", "let me see", "how about",
    "imagine", "try", "now", "and now", "now draw", "a picture of", "picture of", "an image of", "image of", "a photo of",
    "photo of", "a drawing of", "a painting of", "a portrait of", "draw a picture of", "what about", "maybe",
    "i need", "we want", "here is", "this is", "there is", "it is", "it shows", "a nice picture of", "something with",
    "could we get", "just", "only", "sketch", "a sketch of", "a cartoon of", "an illustration of",
)  # fmt: skip
JOINTS = (
    "over",
    "with",
    "and",
    "in",
    "by",
    "near",
    "behind",
    "in front of",
    "at",
    "above",
    "on",
    ",",
)
"""Between two things that may both be what a landscape is of."""
PLAIN = 0.2
"""Share of captions in the words of :mod:`models.data.captions.plain`."""
FILLERS = (
    "very", "really", "so", "just", "like", "maybe", "also", "too", "some", "the", "there", "then", "got",
    "quite", "rather", "cute", "funny", "cool", "weird", "nice", "pretty", "strange", "kind of", "a bit",
    "looking", "with", "and", "but", "or", "my", "this", "these", "them", "him", "some more", "all", "really",
    "style", "type", "thing", "good", "perfect", "hey", "hi", "hello", "next", "another", "new", "lots of",
    "well", "ok", "yes", "from", "into", "between", "beneath", "he", "she", "they", "do",
)  # fmt: skip
"""Words that come between others and claim nothing."""
FILLED = 0.12
"""Share of captions with one to three of them."""
PRONOUNS = (("she", "her", faces.WOMEN), ("he", "his", faces.MEN), ("they", "their", faces.PEOPLE))
ENDINGS = (
    "please",
    "please",
    "thanks",
    "thank you",
    "now",
    "would be nice",
    "if you can",
    "for me",
    "for us",
    "ok",
)


@dataclass(frozen=True)
class Caption:
    """A caption and what it claims.

    Attributes:
        text: in small letters, at most :data:`LONGEST` words.
        claims: what must be so in a picture for it to be true.
    """

    text: str
    claims: Claims


def training_caption(a: Face | Landscape, rng: np.random.Generator) -> Caption:
    """A true caption of a picture, as somebody might say it."""
    if rng.random() < PLAIN:
        return Caption(*plain.draw(a, rng))
    meanings = {topic: m for topic, m in topics(a).items() if rng.random() < _worth(m)}
    names = list(meanings)
    count = int(choose(rng, {str(n): share for n, share in COUNTS.items()}))
    while True:
        chosen = [names[i] for i in rng.permutation(len(names))[:count]]
        caption = compose(a, {name: meanings[name] for name in chosen}, rng)
        if len(words_of(caption.text)) <= LONGEST:
            return caption
        count = min(count, len(names)) - 1


def _worth(meanings: list[Meaning]) -> float:
    """How often a topic is worth a word: what is absent is named less than what is there."""
    return sum(meaning.weight for meaning in meanings)


def topics(a: Face | Landscape) -> dict[str, list[Meaning]]:
    """What can be said of a picture, by topic."""
    return faces.topics(a) if isinstance(a, Face) else landscapes.topics(a)


def compose(
    a: Face | Landscape, chosen: Mapping[str, list[Meaning]], rng: np.random.Generator
) -> Caption:
    """One caption that speaks of the chosen topics, in their order."""
    tags = rng.random() < (0.4 if len(chosen) > 1 else 0.55)
    roles = _roles(a, tags)
    said = [s for meanings in chosen.values() if (s := _pick(meanings, rng, roles))]
    write = _tags if tags else (_person if isinstance(a, Face) else _scene)
    text = write(a, said, rng)
    if rng.random() < (0.12 if tags else 0.3):
        text = f"{ORDERS[int(rng.integers(len(ORDERS)))]} {text}"
    if rng.random() < 0.05:
        text = f"{text} {ENDINGS[int(rng.integers(len(ENDINGS)))]}"
    if rng.random() < FILLED:
        text = _filled(text, rng)
    text = re.sub(r"\ba (?=[aeiou])", "an ", text.replace(" ,", ","))
    claims = both(*(s.claims for s in said))
    return Caption(text, both(one(WORLD, "faces" if isinstance(a, Face) else "landscapes"), claims))


def _roles(a: Face | Landscape, tags: bool) -> frozenset[str]:
    if tags:
        return frozenset({"thing", "adjective", "phrase", "clause"})
    if isinstance(a, Face):
        return frozenset({"thing", "worn", "adjective", "phrase", "clause"})
    return frozenset({"head", "thing", "adjective", "phrase", "clause"})


def _pick(meanings: list[Meaning], rng: np.random.Generator, roles: frozenset[str]) -> Said | None:
    weights = {str(i): m.weight for i, m in enumerate(meanings)}
    return meanings[int(choose(rng, weights))].say(rng, roles)


def _tags(a: Face | Landscape, said: list[Said], rng: np.random.Generator) -> str:
    """Key words one after the other."""
    article = rng.random() < 0.25
    words = [with_article(s.text) if article and s.role == "thing" else s.text for s in said]
    if not words:
        return _noun(a, rng)
    if len(words) == 1:
        return words[0]
    separator = (", ", ", ", ", ", " ", " and ", "; ", " + ")[int(rng.integers(7))]
    return separator.join(words)


def _noun(a: Face | Landscape, rng: np.random.Generator) -> str:
    nouns = faces.nouns(a) if isinstance(a, Face) else landscapes.SCENES
    return nouns[int(rng.integers(len(nouns)))]


def _of(said: list[Said], role: str) -> list[str]:
    return [s.text for s in said if s.role == role]


def _filled(text: str, rng: np.random.Generator) -> str:
    """With words put in that mean nothing."""
    words = text.split(" ")
    for _ in range(1 + int(rng.integers(3))):
        words.insert(int(rng.integers(len(words) + 1)), _any(rng, *FILLERS))
    return " ".join(words)


def _person(a: Face | Landscape, said: list[Said], rng: np.random.Generator) -> str:
    """A sentence about somebody: "a smiling girl with red hair, wearing a blue shirt"."""
    bare = rng.random() < 0.15
    adjectives, clauses = _of(said, "adjective"), _of(said, "clause")
    noun = _noun(a, rng)
    pronoun, owner = next((p, o) for p, o, nouns in PRONOUNS if noun in nouns)
    clauses = [c.replace("the ", f"{owner} ", 1) if rng.random() < 0.4 else c for c in clauses]
    text = " ".join([*adjectives, noun])
    text = text if bare else with_article(text)
    if rng.random() < 0.1:
        be = "are" if pronoun == "they" else "is"
        text = f"{pronoun} {be} {listed(adjectives, rng)}" if adjectives else pronoun
    things = [t if bare else with_article(t) for t in _of(said, "thing")]
    worn = [t if bare else with_article(t) for t in _of(said, "worn")]
    if things:
        has = _any(rng, "with", "with", "with", "with", "who has", "having", "that has", "has")
        text += f" {has} {listed(things, rng)}"
    if worn:
        wears = _any(rng, "wearing", "wearing", "in", "who wears", "that wears", "with", "wears")
        text += f"{_any(rng, '', ',')} {wears} {listed(worn, rng)}"
    for phrase in _of(said, "phrase"):
        text += f"{_any(rng, '', ',')} {phrase}"
    return _closed(text, clauses, rng)


def _scene(a: Face | Landscape, said: list[Said], rng: np.random.Generator) -> str:
    """A sentence about a place: "a foggy lake with a boat at sunset"."""
    heads = _of(said, "head")
    adjectives, clauses = _of(said, "adjective"), _of(said, "clause")
    if rng.random() < 0.15:
        adjectives.insert(0, _any(rng, *landscapes.MOODS))
    first, *rest = heads or [_noun(a, rng)]
    text = " ".join([*adjectives, first])
    text = text if rng.random() < 0.25 else with_article(text)
    for head in rest:
        text += f" {_any(rng, *JOINTS)} {with_article(head) if rng.random() < 0.75 else head}"
    things = [with_article(t) if rng.random() < 0.75 else t for t in _of(said, "thing")]
    if things:
        text += f"{_any(rng, ' with', ' with', ' and', ',', ' under', ' where there is')} {listed(things, rng)}"
    for phrase in _of(said, "phrase"):
        text += f"{_any(rng, '', '', ',')} {phrase}"
    return _closed(text, clauses, rng)


def _closed(text: str, clauses: list[str], rng: np.random.Generator) -> str:
    for clause in clauses:
        joint = (
            " "
            if clause.startswith(("who", "that"))
            else _any(rng, ", ", " and ", ". ", ", and ", ": ")
        )
        text += f"{joint}{clause}"
    return text


def _any(rng: np.random.Generator, *texts: str) -> str:
    return texts[int(rng.integers(len(texts)))]
