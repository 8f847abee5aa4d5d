"""How many rows, and cores, are worth a step: its cost, measured on this very machine."""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch

from app.engine.pace import STEP_SECONDS
from app.machine.threads import compute_on
from models.runtime.architecture import AnySampler
from models.runtime.timing import best_seconds

PLAY = 4
"""Images of one play of the batches that are tried."""
MOST_ROWS = 128
GAIN = 0.97
"""A larger batch must lower the cost of a row to this share, because smaller ones wait less."""
TRIAL_SECONDS = 2.0
"""After which no batch of a procedure is tried."""
SPEEDUP = 0.7
"""All cores must lower a step's time to this share of what one core needs."""


def worthwhile_rows(sampler: AnySampler, most: int = MOST_ROWS) -> int | None:
    """The smallest batch in which a row costs about as little as in any.

    Every batch is tried twice, at different times: a machine may be busy for a second.

    Args:
        most: rows of the largest batch tried; none larger is after a step that takes twice as long
            as one play's and longer than :data:`~app.engine.pace.STEP_SECONDS`.

    Returns:
        Rows, or ``None`` if nothing could be tried: not all procedures start from a mere seed.
    """
    costs: dict[int, float] = {}
    end = time.monotonic() + TRIAL_SECONDS
    try:
        with torch.inference_mode():
            for rows, seconds in _growing(sampler, most, end):
                costs[rows] = seconds / rows
            for rows, cost in list(costs.items()):
                if time.monotonic() < end:
                    again = _step_seconds(sampler, rows // PLAY)
                    costs[rows] = min(cost, again / rows)
    except ValueError:
        return None
    enough = min(costs.values(), default=0.0) / GAIN
    return min((rows for rows, cost in costs.items() if cost <= enough), default=None)


def worthwhile_cores(sampler: AnySampler, rows: int, cores: int) -> int:
    """All of the cores if torch gains by them in a batch of so many rows, else one.

    Steps of small operations gain little, least of all beside threads that draw; a network run by
    OpenVINO has threads of its own. Afterwards the calling thread computes on all of the cores.
    """
    seconds = []
    with torch.inference_mode():
        for number in (1, cores):
            compute_on(number)
            seconds.append(_step_seconds(sampler, rows // PLAY))
    alone, together = seconds
    return cores if together < SPEEDUP * alone else 1


def _growing(sampler: AnySampler, most: int, end: float) -> Iterator[tuple[int, float]]:
    """Rows of ever larger batches and what a step of them takes, until that or all is too long."""
    rows, longest = PLAY, 0.0
    while rows <= most and time.monotonic() < end:
        seconds = _step_seconds(sampler, rows // PLAY)
        longest = longest or max(STEP_SECONDS, 2 * seconds)
        if seconds > longest:
            return
        yield rows, seconds
        rows *= 2


def _step_seconds(sampler: AnySampler, plays: int) -> float:
    """Seconds of a play's first step, taken by so many at once."""

    def step(_: int) -> None:
        sampler.step(states.pop())

    states = [
        [sampler.start(sampler.request(n=PLAY, seed=seed)) for seed in range(plays)]
        for _ in range(3)
    ]
    step(0)  # shapes that are new to a library cost it once
    return best_seconds(step, 2)
