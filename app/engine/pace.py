"""What the engine learns of its own speed: how many rows fit a step, how fast the queue moves."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

STEP_SECONDS = 0.25
"""A step should not take longer: who comes, leaves or is urgent waits for its end."""
STEPS = 8
ENDS = 20
RECENT = 60.0
"""Seconds after which the end of a play says nothing of the queue any more."""


class Pace:
    """Seconds a row of every procedure, and when the last plays ended.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._row_seconds: dict[str, deque[float]] = {}
        self._limits: dict[str, int] = {}
        self._cores: dict[str, int] = {}
        self._ends: deque[float] = deque(maxlen=ENDS)

    def stepped(self, procedure: str, rows: int, seconds: float) -> None:
        """A step of so many rows took ``seconds``."""
        lately = self._row_seconds.setdefault(procedure, deque(maxlen=STEPS))
        lately.append(seconds / max(rows, 1))

    def measured(self, procedure: str, rows: int, cores: int) -> None:
        """So many rows and cores are worth a step, as :mod:`app.engine.curve` has found."""
        self._limits[procedure], self._cores[procedure] = rows, cores

    def cores(self, procedure: str) -> int | None:
        """How many cores are worth a step, if that was measured."""
        return self._cores.get(procedure)

    def rows(self, procedure: str) -> int:
        """How many rows a step may have: those measured or, before that, what fits the time.

        That is judged by the quickest of the last steps: a first one is slow, and so are small
        ones. At least one row fits.
        """
        if procedure in self._limits:
            return self._limits[procedure]
        quickest = min(self._row_seconds.get(procedure, [0.0]))
        return max(1, int(STEP_SECONDS / max(quickest, 1e-6)))

    def ended(self) -> None:
        """A play has left its place."""
        self._ends.append(self._clock())

    def wait(self, ahead: int) -> float | None:
        """Seconds until as many plays as are ``ahead`` have ended; ``None`` if few have lately."""
        ends = [end for end in list(self._ends) if self._clock() - end < RECENT]
        if len(ends) < 3:
            return None
        return ahead * (ends[-1] - ends[0]) / (len(ends) - 1)
