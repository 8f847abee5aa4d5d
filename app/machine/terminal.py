"""Terminals that lack characters, such as a Latin-1, ASCII or cp437 one."""

from __future__ import annotations

import io
import sys


def print_anywhere() -> None:
    """Print ``?`` in place of a character that standard output lacks, not a UnicodeEncodeError;
    standard error escapes such characters by itself."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
