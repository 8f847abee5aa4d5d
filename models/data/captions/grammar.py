"""The little grammar that captions need: their words, and articles."""

from __future__ import annotations

import re

WHOLE = ("side-swept",)
"""Words with a hyphen that are one word; others are read in their parts."""
MASS = {
    "camping", "closed", "dawn", "daybreak", "daylight", "daytime", "downtown", "drizzle", "dusk",
    "fog", "grass", "grassland", "hair", "haze", "headwear", "ice", "land", "lipstick", "midday",
    "midnight", "mist", "moonlight", "morning", "nature", "nighttime", "noon", "on", "open", "rain",
    "sand", "scenery", "shut", "skin", "snow", "snowfall", "somebody", "someone", "sundown",
    "sunshine", "twilight", "up", "water", "weather", "winter", "woodland",
}  # fmt: skip
"""What takes no article, and words that follow it: "eyes closed", "hair up", "glasses on"."""
SINGULAR = {"dress"}
"""Words in s that are no plurals."""
DETERMINERS = {"no", "a", "the", "some", "two", "lots", "few", "many", "one", "endless"}
"""What stands in place of an article."""
PREPOSITIONS = {"in", "of", "with", "on", "to", "that"}
"""What may follow a noun in a phrase: "hair in a bun"."""


def words_of(text: str) -> list[str]:
    """The words of a caption: hyphened ones in their parts, but for :data:`WHOLE`."""
    found = re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())
    return [part for word in found for part in ([word] if word in WHOLE else word.split("-"))]


def with_article(phrase: str) -> str:
    """With "a" or "an", where the phrase takes one."""
    words = phrase.split()
    # The noun is the last word, or among the first where something follows it.
    nouns = {words[-1], *(words[:3] if PREPOSITIONS & set(words[1:-1]) else ())}
    if words[0] in DETERMINERS or any(map(_uncounted, nouns)):
        return phrase
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _uncounted(word: str) -> bool:
    """Whether a noun is a mass or a plural."""
    return word in MASS or (word.endswith("s") and word not in SINGULAR)


def is_plural(phrase: str) -> bool:
    """Whether a phrase speaks of several things: "some birds", "snow-capped peaks"."""
    last = phrase.rsplit(maxsplit=1)[-1]
    return last.endswith("s") and last not in SINGULAR and last not in MASS
