"""Lines are rewritten in a terminal; a log gets news at once and the rest now and then."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from models.training.fleet.board import QUIET_SECONDS, Board

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    """A stream that is looked at."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_each_and_rewrites_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out = Terminal()
    board = Board(["a", "long"], out)
    board.show("a", "step 1 " + "of many " * 9)
    board.show("long", "done", news=True)
    board.show("long", "done", news=True)
    first, *again = out.getvalue().split("\x1b[2A")
    assert first == "\r\x1b[Ka     waits\n\r\x1b[Klong  waits\n"
    assert len(again) == 2
    assert again[-1] == "\r\x1b[Ka     step 1 of many of many \n\r\x1b[Klong  done\n"


def test_a_log_gets_a_line_when_there_is_news_or_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    out = io.StringIO()
    board = Board(["a", "b"], out)
    for step in range(3):
        board.show("a", f"step {step}")
    assert out.getvalue() == "a  step 0\n"
    board.show("b", "failed", news=True)
    now += QUIET_SECONDS
    board.show("a", "step 3")
    board.show("a", "step 3")
    assert out.getvalue() == "a  step 0\nb  failed\na  step 3\n"
