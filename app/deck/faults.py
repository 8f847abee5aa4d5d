"""What is wrong with a deck's file, in words, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.deck.deck import Breaks, Cover, Deck, Part, PlayWords, SlideWords
from app.deck.lines import Keys
from app.deck.outline import LOOKS

FORMS = {
    "dict_type": "a table",
    "model_type": "a table",
    "tuple_type": "a list",
    "string_type": "a text",
}
"""What pydantic calls by its names in Python, by those in TOML."""


@dataclass(frozen=True)
class Fault:
    """Something that cannot be meant.

    Attributes:
        keys: where in the file.
        reason: why, without a full stop.
    """

    keys: Keys
    reason: str


def named(kind: str, name: str, known: Sequence[str]) -> str:
    """That there is no such thing, and what may have been meant."""
    close = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known) or 'none'}"
    return f"there is no {kind} called {name!r}; {hint}"


def reason(error: Any, choices: Sequence[str] = ()) -> str:
    """One of pydantic's errors in words."""
    if choices and error["type"] == "string_pattern_mismatch":
        return f"must be one of {', '.join(choices)}, not {str(error['input'])[:40]!r}"
    if error["type"] in FORMS:
        return f"must be {FORMS[error['type']]}"
    return str(error["msg"]).replace("Input should", "must").removeprefix("Value error, ")


def misread(error: ValidationError) -> Iterator[Fault]:
    """What does not have the form of :class:`~app.deck.deck.Deck`."""
    for item in error.errors():
        keys = tuple(key for key in item["loc"] if key != "[key]")
        if item["type"] == "extra_forbidden":
            known = list(_table(keys).model_fields)
            yield Fault(keys, named("key", str(keys[-1]), known))
        elif item["type"] == "literal_error":
            yield Fault(keys, f"there is no slide {keys[-1]}; the deck has 1 to {len(LOOKS)}")
        else:
            yield Fault(keys, reason(item))


def _table(keys: Keys) -> type[Part]:
    """The form of the table that holds the last of the keys."""
    if len(keys) == 1:
        return Deck
    if len(keys) == 2:
        return Cover
    if len(keys) == 3:
        return SlideWords
    return Breaks if "breaks" in keys else PlayWords
