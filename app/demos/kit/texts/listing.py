"""The code that ran, read from the running module, with its colours."""

from __future__ import annotations

import inspect
import io
import keyword
import textwrap
import token
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

ROOT = Path(__file__).resolve().parents[4]
STRINGS = {
    getattr(token, name, token.STRING)
    for name in ("STRING", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
}
"""Kinds of tokens that are text; Python 3.12 knows more of them."""


@dataclass(frozen=True)
class CodeLine:
    """A line of code.

    Attributes:
        number: in its file.
        html: with its colours.
        at: names of the steps that run it.
    """

    number: int
    html: Markup
    at: str


class Listing:
    """A function or a class of this project, as it runs.

    Args:
        code: the function.
        steps: name of a step (:attr:`Scene.at`) → beginnings of the lines that it runs, without
            their indentation.

    Raises:
        ValueError: no line begins so.
    """

    def __init__(
        self, code: Callable[..., Any], steps: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.title = code.__qualname__
        file = inspect.getsourcefile(code)
        assert file is not None
        self.file = Path(file).resolve().relative_to(ROOT).as_posix()
        text, self.first = _source(code)
        self.lines = list(self._lines(text, steps or {}))

    @property
    def last(self) -> int:
        """Number of its last line."""
        return self.first + len(self.lines) - 1

    def _lines(self, text: str, steps: Mapping[str, Sequence[str]]) -> Iterator[CodeLine]:
        plain = text.splitlines()
        for step, beginnings in steps.items():
            for beginning in beginnings:
                if not any(line.strip().startswith(beginning) for line in plain):
                    raise ValueError(f"{self.title}: step {step!r} has no line {beginning!r}")
        coloured = _coloured(text)
        for i, (line, html) in enumerate(zip(plain, coloured, strict=True)):
            at = [s for s, b in steps.items() if line.strip().startswith(tuple(b))]
            yield CodeLine(self.first + i, html, " ".join(at))


@lru_cache
def _source(code: Callable[..., Any]) -> tuple[str, int]:
    """Its text, not indented, and the number of its first line."""
    lines, first = inspect.getsourcelines(code)
    return textwrap.dedent("".join(lines)), first


@lru_cache
def _coloured(text: str) -> list[Markup]:
    """The lines of a text with a span around what has a colour."""
    lines = text.splitlines()
    marks: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    before = ""
    for item in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = _kind(item, before)
        before = item.string if item.string.strip() else before
        if not kind:
            continue
        (top, left), (bottom, right) = item.start, item.end
        for number in range(top, bottom + 1):
            length = len(lines[number - 1])
            begin, end = left if number == top else 0, right if number == bottom else length
            marks[number - 1].append((begin, end, kind))
    return [_spans(line, found) for line, found in zip(lines, marks, strict=True)]


def _kind(item: tokenize.TokenInfo, before: str) -> str:
    if item.type == token.COMMENT:
        return "comment"
    if item.type in STRINGS:
        return "string"
    if item.string == "->":
        return "arrow"  # which no line is broken within
    if item.type == token.NUMBER:
        return "value"
    if item.type == token.NAME and keyword.iskeyword(item.string):
        return "keyword"
    if item.type == token.NAME and before in ("def", "class"):
        return "title"
    return ""


def _spans(line: str, marks: Sequence[tuple[int, int, str]]) -> Markup:
    out, done = Markup(""), 0
    for begin, end, kind in marks:
        out += escape(line[done:begin])
        out += Markup('<span class="code-{}">{}</span>').format(kind, line[begin:end])
        done = end
    return out + escape(line[done:])
