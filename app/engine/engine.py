"""Runs procedures of models for many at once, each in its lane."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.engine.curve import worthwhile_cores, worthwhile_rows
from app.engine.lane import Lane
from app.engine.limits import Limits
from app.engine.observer import Observer
from app.engine.priority import Priority
from app.engine.steps import Models
from app.engine.watch import Watch
from app.machine.threads import compute_on
from models.runtime.sampler import Request

log = logging.getLogger(__name__)

DRAW, LEARN = "draw", "learn"
LEARNERS = Limits(active=8, waiting=40, threads=1, background=True)
"""What learns computes on one core, beside what is drawn."""


class Engine:
    """A lane of its own for what draws and for what learns, so that neither waits for the other.

    Args:
        models: where samplers come from.
        limits: of what draws.
        observer: is told of steps and of what becomes of plays.
        lane_of: the lane of a procedure, known before its weights are loaded; see
            :class:`models.runtime.sampler.Sampler`.
    """

    def __init__(
        self,
        models: Models,
        limits: Limits | None = None,
        observer: Observer | None = None,
        lane_of: Callable[[str], str] = lambda procedure: DRAW,
    ) -> None:
        limits = limits or Limits()
        self._limits = replace(limits, threads=limits.threads or os.cpu_count() or 1)
        self._models, self._lane_of = models, lane_of
        observer = observer or Observer()
        self._lanes: Mapping[str, Lane] = {
            DRAW: Lane(models, self._limits, observer),
            LEARN: Lane(models, LEARNERS, observer),
        }

    def start(self) -> None:
        """Start the threads of all lanes."""
        for name, lane in self._lanes.items():
            lane.start(name)

    def close(self) -> None:
        """Refuse what comes from now on; what runs ends within a step, with a message."""
        for lane in self._lanes.values():
            lane.close()

    def stop(self) -> None:
        """Fail what is still running, and wait until all threads have ended."""
        self.close()
        for lane in self._lanes.values():
            lane.join()

    def measure(self, procedure: str) -> bool:
        """Measure how many rows and cores are worth a step of this procedure, in a second or few.

        Nothing is kept where the model fails, nor of what learns, which has one core.

        Returns:
            Whether no step disturbed that; else nothing is kept either.
        """
        if self._lane_of(procedure) != DRAW:
            return True
        last_step = self.last_step
        compute_on(self._limits.threads)
        try:
            sampler = self._models.sampler(procedure)
            rows = worthwhile_rows(sampler, self._limits.batch_rows)
            cores = rows and worthwhile_cores(sampler, rows, self._limits.threads)
        except Exception:
            log.exception("measuring %s failed", procedure)
            return True
        if self.last_step != last_step:
            return False
        if rows and cores:
            self._lanes[DRAW].pace.measured(procedure, rows, cores)
        return True

    @property
    def load(self) -> tuple[int, int]:
        """How many trajectories run and how many wait."""
        running, waiting = zip(*(lane.load for lane in self._lanes.values()), strict=True)
        return sum(running), sum(waiting)

    @property
    def last_step(self) -> float:
        """When the last step ended, on the monotonic clock."""
        return max(lane.last_step for lane in self._lanes.values())

    @property
    def stalled(self) -> float:
        """Seconds for which a lane has had something to do and has taken no step."""
        return max(lane.stalled for lane in self._lanes.values())

    def submit(
        self,
        procedure: str,
        request: Request[Any],
        frames: bool = True,
        priority: Priority | None = None,
    ) -> Watch:
        """Ask for a procedure; call from the event loop.

        Args:
            procedure: ``model.action``, see :meth:`models.runtime.zoo.Zoo.procedures`.
            request: its parameters; equal ones are computed twice, see :mod:`app.plays`.
            frames: whether more than the result is wanted.
            priority: may be raised later; by default not urgent.

        Raises:
            EngineFullError: too many are waiting.
        """
        return self._lanes[self._lane_of(procedure)].submit(procedure, request, frames, priority)
