"""What a lane of the engine may take of the machine."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.curve import MOST_ROWS


@dataclass(frozen=True)
class Limits:
    """Of one lane.

    Attributes:
        batch_rows: most rows of one step, fewer where more gain nothing or would take too long; a
            state larger than that runs alone.
        active: most trajectories that take turns.
        rows: most rows of all that take turns, which bounds their memory; a larger one is admitted
            when no other takes turns.
        waiting: most trajectories that wait to take turns.
        threads: torch threads of the worker, 0 for one a core.
        background: whether it also gives way to the threads of other lanes.
    """

    batch_rows: int = MOST_ROWS
    active: int = 48
    rows: int = 512
    waiting: int = 400
    threads: int = 0
    background: bool = False
