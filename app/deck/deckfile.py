"""A deck of one's own: a file that says what differs from the shipped one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from app.deck.arrangement import arranged, misfits
from app.deck.deck import Deck, shipped, tree
from app.deck.faults import Fault, misread
from app.deck.lines import Lines
from app.demos.registry import Demos

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class DeckError(ValueError):
    """A deck's file cannot be meant; a line for each fault: ``my.toml:12: reason``."""


def opened(path: str, demos: Demos) -> tuple[Deck, Demos]:
    """The deck of a file, and its Plays.

    Args:
        path: of the file; empty for the shipped deck.
        demos: all Plays there are.

    Raises:
        DeckError: the file cannot be read, or something in it cannot be meant.
    """
    if not path:
        return shipped(), arranged(demos, shipped())
    text = _text(path)
    given = _parsed(path, text)
    try:
        deck = Deck.model_validate(merged(tree(), given))
    except ValidationError as error:
        raise DeckError(_told(path, text, misread(error))) from None
    faults = list(misfits(demos, deck, given))
    if faults:
        raise DeckError(_told(path, text, faults))
    return deck, arranged(demos, deck)


def merged(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Tables with what is given in place of what they had; lists and values as a whole."""
    out = {**base, **given}
    for key in base.keys() & given.keys():
        if isinstance(base[key], Mapping) and isinstance(given[key], Mapping):
            out[key] = merged(base[key], given[key])
    return out


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise DeckError(f"{path}: {error.strerror or error}") from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DeckError(f"{path}:{line}: this is no text in UTF-8") from None


def _parsed(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line = found[1] if found and found[1] else text.rstrip("\n").count("\n") + 1
        reason = _AT.sub("", str(error))
        raise DeckError(f"{path}:{line}: this is no TOML: {reason}") from None
    except (ValueError, RecursionError) as error:  # too many digits, too many brackets
        raise DeckError(f"{path}: this is no TOML: {error}") from None


def _told(path: str, text: str, faults: Iterable[Fault]) -> str:
    """A line for each line of the file that holds a fault, which is the first found there."""
    lines = Lines(text)
    first: dict[int, str] = {}
    for fault in faults:
        where = ".".join(map(str, fault.keys))
        first.setdefault(lines.of(fault.keys), f"{where}: {fault.reason}")
    return "\n".join(f"{path}:{line}: {words}" for line, words in sorted(first.items()))
