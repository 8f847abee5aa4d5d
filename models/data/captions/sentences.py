"""The shapes of captions: key words one after the other, and a sentence of each world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.data.attributes import Attributes as Face
from models.data.captions import faces, landscapes
from models.data.captions.forms import pick
from models.data.captions.grammar import is_plural, with_article
from models.data.captions.wordings import wordings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from models.data.captions.claims import Picture
    from models.data.captions.forms import Said
    from models.data.landscapes.attributes import Attributes as Landscape

_TEXTS = wordings("sentences")
JOINTS: Mapping[str, Sequence[str]] = _TEXTS["joints"]
"""Where in a caption → what may join its parts there, with its spaces."""
LINKS: Mapping[str, Sequence[str]] = _TEXTS["links"]
"""Where in a sentence → words that may stand between its parts there."""


def tags(a: Picture, said: Sequence[Said], rng: np.random.Generator) -> str:
    """Key words: "black hair, glasses, blue cap"."""
    article = rng.random() < 0.25
    words = [with_article(s.text) if article and s.role == "thing" else s.text for s in said]
    if not words:
        return _noun(a, rng)
    return words[0] if len(words) == 1 else pick(rng, JOINTS["tags"]).join(words)


def sentence(a: Picture, said: Sequence[Said], rng: np.random.Generator) -> str:
    """A sentence about what a picture shows."""
    return _person(a, said, rng) if isinstance(a, Face) else _scene(a, said, rng)


def _person(a: Face, said: Sequence[Said], rng: np.random.Generator) -> str:
    """A sentence about somebody: "a smiling girl with red hair, wearing a blue shirt"."""
    bare = rng.random() < 0.15
    adjectives, clauses = _of(said, "adjective"), _of(said, "clause")
    noun = _noun(a, rng)
    pronoun, owner = _pronouns(noun)
    clauses = [c.replace("the ", f"{owner} ", 1) if rng.random() < 0.4 else c for c in clauses]
    text = " ".join([*adjectives, noun])
    text = text if bare else with_article(text)
    if rng.random() < 0.1:
        be = "are" if pronoun == "they" else "is"
        text = f"{pronoun} {be} {_listed(adjectives, rng)}" if adjectives else pronoun
    things, worn = (
        [phrase if bare else with_article(phrase) for phrase in _of(said, role)]
        for role in ("thing", "worn")
    )
    if things:
        has = pick(rng, LINKS["has"])
        has = "have" if has == "has" and text.split()[0] == "they" else has
        text += f" {has} {_listed(things, rng)}"
    if worn:
        wears = pick(rng, LINKS["wears"])
        text += f"{pick(rng, ('', ','))} {wears} {_listed(worn, rng)}"
    for phrase in _of(said, "phrase"):
        text += f"{pick(rng, ('', ','))} {phrase}"
    return _closed(text, clauses, rng)


def _scene(a: Landscape, said: Sequence[Said], rng: np.random.Generator) -> str:
    """A sentence about a place: "a foggy lake with a boat at sunset"."""
    adjectives, clauses = _of(said, "adjective"), _of(said, "clause")
    if rng.random() < 0.15:
        adjectives.insert(0, pick(rng, landscapes.MOODS))
    first, *rest = _of(said, "head") or [_noun(a, rng)]
    text = " ".join([*adjectives, first])
    text = text if rng.random() < 0.25 else with_article(text)
    for head in rest:
        text += f" {pick(rng, LINKS['heads'])} {_with_most_articles(head, rng)}"
    things = [_with_most_articles(thing, rng) for thing in _of(said, "thing")]
    if things:
        joint = pick(rng, JOINTS["shows"])
        if is_plural(things[0]):
            joint = joint.replace(" is ", " are ")
        text += f"{joint}{_listed(things, rng)}"
    for phrase in _of(said, "phrase"):
        text += f"{pick(rng, ('', '', ','))} {phrase}"
    return _closed(text, clauses, rng)


def _noun(a: Picture, rng: np.random.Generator) -> str:
    return pick(rng, faces.nouns(a) if isinstance(a, Face) else landscapes.NOUNS)


def _pronouns(noun: str) -> tuple[str, str]:
    """Who a noun speaks of, and whose something is."""
    who = next(who for who, nouns in faces.NOUNS.items() if noun in nouns)
    pronoun, owner = _TEXTS["pronouns"][who]
    return pronoun, owner


def _of(said: Sequence[Said], role: str) -> list[str]:
    return [s.text for s in said if s.role == role]


def _with_most_articles(phrase: str, rng: np.random.Generator) -> str:
    return with_article(phrase) if rng.random() < 0.75 else phrase


def _listed(items: Sequence[str], rng: np.random.Generator) -> str:
    """Items one after the other: "a, b and c", "a and b and c"."""
    if len(items) < 2:
        return items[0]
    if rng.random() < 0.2:
        return " and ".join(items)
    return f"{', '.join(items[:-1])}{pick(rng, JOINTS['last'])}{items[-1]}"


def _closed(text: str, clauses: Sequence[str], rng: np.random.Generator) -> str:
    """With clauses after it, those about somebody without a comma."""
    for clause in clauses:
        about = clause.startswith(("who", "that"))
        text += f"{' ' if about else pick(rng, JOINTS['clauses'])}{clause}"
    return text
