"""The words that captions may have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from models.data.captions.grammar import words_of
from models.data.captions.wordings import FILES, wordings

if TYPE_CHECKING:
    from collections.abc import Iterator


def texts(tables: Any) -> Iterator[str]:
    """Every wording in tables or a list of them, without what stands for other words."""
    if isinstance(tables, str):
        yield re.sub(r"\{\w+\}", "", tables)
        return
    for inner in tables.values() if isinstance(tables, dict) else tables:
        yield from texts(inner)


WORDS = tuple(
    sorted({word for name in FILES for text in texts(wordings(name)) for word in words_of(text)})
)
"""Every word that a caption may have, in the order of their token ids."""
