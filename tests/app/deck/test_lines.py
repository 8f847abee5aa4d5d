"""The line of a TOML file at which a value begins."""

from __future__ import annotations

import pytest

from app.deck.lines import Lines

TEXT = '''\
# A comment
title = "x"

[a.b]
list = [
    "one",
    # between
    "two", "three",
]
"quoted key" = { inner = 1, other = 2 }
dotted.key = 3
long = """
[a.c]
"""
texts = [
    """
first""",
    'second',
]

[a]
late = true
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("title",), 2),
        (("a",), 4),
        (("a", "b"), 4),
        (("a", "b", "list"), 5),
        (("a", "b", "list", 0), 6),
        (("a", "b", "list", 2), 8),
        (("a", "b", "quoted key", "other"), 10),
        (("a", "b", "dotted", "key"), 11),
        (("a", "b", "long"), 12),
        (("a", "b", "texts"), 15),
        (("a", "b", "texts", 0), 16),
        (("a", "b", "texts", 1), 18),
        (("a", "late"), 22),
    ],
)
def test_a_value_begins_where_it_is_first_held(keys: tuple[str | int, ...], line: int) -> None:
    assert Lines(TEXT).of(keys) == line


def test_what_is_missing_is_told_at_what_holds_it() -> None:
    lines = Lines(TEXT)
    assert lines.of(("a", "b", "none", "deeper")) == 4
    assert lines.of(("nowhere",)) == 1
    assert lines.of(()) == 1
