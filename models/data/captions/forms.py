"""How a thing can be said: by roles in a sentence, each with its wordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.data.captions.claims import Claims, both

if TYPE_CHECKING:
    import numpy as np

ROLES = {"thing": 6.0, "worn": 2.5, "adjective": 3.0, "phrase": 3.0, "clause": 1.6, "head": 5.0}
"""Role → how often it is taken, among those that a meaning has: a noun phrase without its article,
one that is worn, a word before the noun, a phrase after it, a sentence, and the noun itself."""

Forms = Mapping[str, tuple[str, ...]]
"""Role → wordings; ``{c}`` stands for a colour."""


@dataclass(frozen=True)
class Said:
    """One thing that a caption says.

    Attributes:
        role: one of :data:`ROLES`.
        text: its words, without article.
        claims: what must be so in a picture.
    """

    role: str
    text: str
    claims: Claims


@dataclass(frozen=True)
class Meaning:
    """What can be said of a picture, and all the ways to say it.

    Attributes:
        claims: what must be so in a picture.
        forms: how it is said.
        weight: how often it is chosen among other meanings of the same topic.
    """

    claims: Claims
    forms: Forms
    weight: float = 1.0

    def say(self, rng: np.random.Generator, roles: frozenset[str] | None = None) -> Said | None:
        """One wording, in one of the roles; ``None`` where there is none."""
        fit = [role for role in self.forms if roles is None or role in roles]
        if not fit:
            return None
        role = choose(rng, {role: ROLES[role] for role in fit})
        wordings = self.forms[role]
        return Said(role, wordings[int(rng.integers(len(wordings)))], self.claims)

    def colored(self, words: tuple[str, ...], claims: Claims) -> Meaning:
        """This with a colour in place of ``{c}``, which claims more."""
        forms = {
            role: tuple(text.replace("{c}", word) for text in texts for word in words)
            for role, texts in self.forms.items()
        }
        return Meaning(both(self.claims, claims), forms, self.weight)


def forms(**roles: str) -> Forms:
    """Wordings by role, written with bars between them."""
    return {role: tuple(text.strip() for text in texts.split("|")) for role, texts in roles.items()}


def meaning(claims: Claims, weight: float = 1.0, **roles: str) -> Meaning:
    """A meaning with its wordings, see :func:`forms`."""
    return Meaning(claims, forms(**roles), weight)


def choose(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """One of the names, as often as its weight."""
    point = rng.random() * sum(weights.values())
    for name, weight in weights.items():
        point -= weight
        if point < 0:
            return name
    return name
