"""The words that captions are made of, read from the files beside this."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FILES = ("faces", "landscapes", "sentences")
"""Where every word of a caption stands."""


@cache
def wordings(name: str) -> dict[str, Any]:
    """The tables of ``NAME.toml``."""
    text = Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
