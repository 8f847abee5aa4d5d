"""How long something takes when nothing else gets in its way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 3


def best_seconds(run: Callable[[int], object], repeats: int = REPEATS) -> float:
    """Seconds of the quickest of ``repeats`` runs; each is told its number, from 0.

    The least is taken, not the mean: what else a machine does can only add to it.

    Raises:
        ValueError: fewer than one run.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, not {repeats}")
    seconds = []
    for number in range(repeats):
        began = time.perf_counter()
        run(number)
        seconds.append(time.perf_counter() - began)
    return min(seconds)
