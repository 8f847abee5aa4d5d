"""The little grammar that captions need: articles and lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

WHOLE = ("side-swept",)
"""Words with a hyphen that are one word; others are read in their parts."""
MASS = {
    "hair", "skin", "lipstick", "headwear", "fog", "mist", "haze", "rain", "snow", "grass", "water",
    "snowfall", "winter", "daylight", "sunshine", "moonlight", "darkness", "daytime", "noon", "midday",
    "dawn", "dusk", "daybreak", "midnight", "twilight", "sand", "weather", "land", "camping", "morning",
    "nighttime", "downtown", "woodland", "drizzle", "nature", "grassland", "ice", "scenery", "sundown", "side",
    "blond", "blonde", "up", "on", "open", "closed", "shut", "flames",
}  # fmt: skip
"""Last words of phrases that take no article."""
SINGULAR = {"dress", "grass", "moss", "class"}
"""Words in s that are no plurals."""


def words_of(text: str) -> list[str]:
    """The words of a caption: hyphened ones in their parts, but for :data:`WHOLE`."""
    found = re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())
    return [part for word in found for part in ([word] if word in WHOLE else word.split("-"))]


def with_article(phrase: str) -> str:
    """With "a" or "an", where the phrase takes one."""
    words = phrase.split()
    first, last = words[0], words[-1]
    plural = last.endswith("s") and last not in SINGULAR
    heads = [w for w in words if w in MASS or (w.endswith("s") and w not in SINGULAR)]
    inner = any(w in ("in", "of", "with", "on", "to", "that") for w in words[1:-1])
    if first in ("no", "a", "an", "the", "some", "two", "lots", "few", "many", "one", "endless"):
        return phrase
    if last in MASS or plural or (inner and heads and heads[0] in words[:3]):
        return phrase
    return ("an " if first[0] in "aeiou" else "a ") + phrase


def listed(items: Sequence[str], rng: np.random.Generator) -> str:
    """Items one after the other: "a, b and c", "a and b and c"."""
    if len(items) < 2:
        return items[0]
    if rng.random() < 0.2:
        return " and ".join(items)
    joint = (" and ", " and ", " and ", ", ", " plus ", " and also ")[int(rng.integers(6))]
    return f"{', '.join(items[:-1])}{joint}{items[-1]}"
