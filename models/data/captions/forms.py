"""What can be said of a picture, and how: by roles in a sentence, each with its wordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from models.data.captions.claims import Claims, both

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")

ROLES = {"thing": 6.0, "worn": 2.5, "adjective": 3.0, "phrase": 3.0, "clause": 1.6, "head": 5.0}
"""Role → how often it is taken, among those that a meaning has: a noun phrase without its article,
one that is worn, a word before the noun, a phrase after it, a sentence, and the noun itself."""

Forms = Mapping[str, Sequence[str]]
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
    """One thing that can be said of a picture, and all the ways to say it.

    Attributes:
        claims: what must be so in a picture.
        forms: how it is said.
        weight: how often it is chosen among other meanings of the same topic.
        colors: words that ``{c}`` may stand for, if it occurs.
    """

    claims: Claims
    forms: Forms
    weight: float = 1.0
    colors: Sequence[str] = ("",)

    def colored(self, colors: Sequence[str], claims: Claims) -> Meaning:
        """This with words for a colour, which claims more."""
        return Meaning(both(self.claims, claims), self.forms, self.weight, colors)

    def say(self, rng: np.random.Generator, roles: frozenset[str]) -> Said | None:
        """One wording, in one of the roles; ``None`` where it has none of them."""
        fit = [role for role in self.forms if role in roles]
        if not fit:
            return None
        role = choose(rng, fit, [ROLES[role] for role in fit])
        texts, colors = self.forms[role], self.colors
        text, color = divmod(int(rng.integers(len(texts) * len(colors))), len(colors))
        return Said(role, texts[text].replace("{c}", colors[color]), self.claims)


Topics = Mapping[str, Sequence[Meaning]]
"""What a picture can be asked about → what can be said of that, at least one thing."""


def choose(rng: np.random.Generator, options: Sequence[T], weights: Sequence[float]) -> T:
    """One of the options, as often as its weight."""
    point = rng.random() * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        point -= weight
        if point < 0:
            return option
    return options[-1]


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, all equally often."""
    return options[int(rng.integers(len(options)))]
