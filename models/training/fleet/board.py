"""How several trainings are getting on: one line each."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

QUIET_SECONDS = 60.0
"""A log is told of a change that is no news only after so long."""


class Board:
    """Lines that are rewritten in a terminal, and in a log written anew when there is news.

    Args:
        names: one a line.
        out: terminal or log; by default standard error.
    """

    def __init__(self, names: Sequence[str], out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.live = self.out.isatty()
        self.texts = dict.fromkeys(names, "waits")
        self._told = dict.fromkeys(names, -QUIET_SECONDS)
        self._width = max(map(len, names))
        if self.live:
            self._draw()

    def show(self, name: str, text: str, news: bool = False) -> None:
        """Change a line; ``news`` is what a log must have at once."""
        if text == self.texts[name]:
            return
        self.texts[name] = text
        if self.live:
            self.out.write(f"\x1b[{len(self.texts)}A")  # up to the first line
            self._draw()
        elif news or time.monotonic() - self._told[name] >= QUIET_SECONDS:
            self._told[name] = time.monotonic()
            print(self._line(name), file=self.out, flush=True)

    def _draw(self) -> None:
        room = shutil.get_terminal_size().columns - 1
        for name in self.texts:
            self.out.write(f"\r\x1b[K{self._line(name)[:room]}\n")
        self.out.flush()

    def _line(self, name: str) -> str:
        return f"{name:<{self._width}}  {self.texts[name]}"
