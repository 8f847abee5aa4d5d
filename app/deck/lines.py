"""Where a TOML file says what: the standard library's parser keeps no lines."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import Any

ENDS = ("", "\n]", '\n"""', "\n'''", '\n"""]', "\n''']")
"""What may be missing where a file is cut between two lines of one value."""

Keys = tuple[str | int, ...]
"""Of tables, and places in lists, from the whole file down to a value."""


class Lines:
    """Finds lines by reading ever longer beginnings of a file that can be read.

    Args:
        text: of the file, with line feeds alone.
    """

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        self._beginnings = [_read("\n".join(lines[: n + 1])) for n in range(len(lines))]

    def of(self, keys: Keys) -> int:
        """The line, from 1, at which the value begins, or else what is nearest above it."""
        for length in range(len(keys), 0, -1):
            for number, beginning in enumerate(self._beginnings, 1):
                if _holds(beginning, keys[:length]):
                    return number
        return 1


def _read(beginning: str) -> dict[str, Any]:
    """What it says; nothing where it ends in the middle of what :data:`ENDS` do not end."""
    for end in ENDS:
        with suppress(tomllib.TOMLDecodeError):
            return tomllib.loads(beginning + end)
    return {}


def _holds(value: Any, keys: Keys) -> bool:
    try:
        for key in keys:
            value = value[key]
    except (KeyError, IndexError, TypeError):
        return False
    return True
