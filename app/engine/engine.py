"""Continuous batching of model steps across requests.

One worker thread owns all running trajectories. Each turn it takes the group, same procedure and
same state key, that has waited longest, and advances as many of its trajectories as fit one batch
by one step. Trajectories are admitted and dropped between steps, so a request never waits for
another to finish and one that is cancelled is gone within a step.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Protocol

import torch

from app.engine.play import Play
from app.engine.trajectory import EngineFullError, Trajectory, identity
from models.checkpoint import CheckpointError
from models.sampler import Request, Sampler, State

log = logging.getLogger(__name__)


class Models(Protocol):
    """What the engine needs of :class:`models.zoo.Zoo`."""

    def sampler(self, procedure: str) -> Sampler[Any]:
        """The sampler of ``model.procedure``."""


class Engine:
    """Runs plays.

    Args:
        models: where samplers come from.
        batch_rows: most rows of one step; a state larger than that runs alone.
        max_active: most trajectories that take turns.
        max_waiting: most trajectories that wait to be admitted.
        threads: torch threads of the worker, 0 for one a core.
    """

    def __init__(
        self,
        models: Models,
        batch_rows: int = 32,
        max_active: int = 48,
        max_waiting: int = 400,
        threads: int = 0,
    ) -> None:
        self._models, self._batch_rows = models, batch_rows
        self._max_active, self._max_waiting = max_active, max_waiting
        self._threads = threads or os.cpu_count() or 1
        self._waiting: deque[Trajectory] = deque()
        self._active: list[Trajectory] = []
        self._served: dict[Hashable, int] = {}
        self._shared: dict[Hashable, Trajectory] = {}
        self._turn = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.steps = 0
        """Batched steps taken since the start."""
        self.largest_batch = 0
        """Most trajectories that shared one step."""
        self.last_step = time.monotonic()

    def start(self) -> None:
        """Start the worker thread."""
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fail what is still running and end the worker within one step."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=10)
        for trajectory in [*self._active, *self._waiting]:
            trajectory.fail("The server is shutting down.")

    @property
    def load(self) -> tuple[int, int]:
        """How many trajectories run and how many wait."""
        return len(self._active), len(self._waiting)

    def submit(self, procedure: str, request: Request, frames: bool = True) -> Play:
        """Ask for a procedure; call from the event loop.

        Args:
            procedure: ``model.action``, see :meth:`models.zoo.Zoo.procedures`.
            request: its parameters; a request equal to one on its way joins it.
            frames: whether intermediate frames are wanted.

        Raises:
            EngineFullError: too many plays are waiting.
        """
        loop = asyncio.get_running_loop()
        name = (identity(procedure, request), frames)
        with self._changed:
            trajectory = self._shared.get(name)
            if trajectory is None or trajectory.finished or trajectory.abandoned:
                if self._stopping or len(self._waiting) >= self._max_waiting:
                    raise EngineFullError(retry_after=5)
                trajectory = Trajectory(procedure, request, loop, frames)
                self._shared[name] = trajectory
                self._waiting.append(trajectory)
            play = Play(trajectory, lambda: self._ahead(trajectory), self._left(name, trajectory))
            self._changed.notify()
        return play

    def _ahead(self, trajectory: Trajectory) -> int:
        with self._changed:
            waiting = list(self._waiting)
        return waiting.index(trajectory) if trajectory in waiting else 0

    def _left(self, name: Hashable, trajectory: Trajectory) -> Callable[[], None]:
        def release() -> None:
            with self._changed:
                if trajectory.abandoned and self._shared.get(name) is trajectory:
                    del self._shared[name]
                self._changed.notify()

        return release

    def _run(self) -> None:
        torch.set_num_threads(self._threads)
        with torch.inference_mode():
            while self._wait_for_work():
                self._admit()
                self._advance()

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._active = [t for t in self._active if not t.abandoned and not t.finished]
            while not self._stopping and not self._active and not self._waiting:
                self._changed.wait()
            return not self._stopping

    def _admit(self) -> None:
        while len(self._active) < self._max_active:
            with self._changed:
                if not self._waiting:
                    return
                trajectory = self._waiting.popleft()
            if trajectory.abandoned:
                continue
            try:
                trajectory.begin(self._models.sampler(trajectory.procedure))
            except ValueError as error:
                trajectory.fail(str(error), refused=True)
            except CheckpointError as error:
                trajectory.fail(str(error))
            except Exception:
                log.exception("starting %s failed", trajectory.procedure)
                trajectory.fail("The model could not start this play.")
            else:
                if not trajectory.finished:
                    self._active.append(trajectory)

    def _advance(self) -> None:
        batch = self._next_batch()
        if not batch:
            return
        began = time.monotonic()
        if not self._step(batch):
            # One bad trajectory must not take the others with it: find it by going one by one.
            for trajectory in batch:
                if len(batch) == 1 or not self._step([trajectory]):
                    trajectory.fail("The model failed while drawing this.")
        self.last_step = time.monotonic()
        for trajectory in batch:
            if trajectory.error is None:
                self._publish(trajectory, self.last_step - began)

    @staticmethod
    def _publish(trajectory: Trajectory, seconds: float) -> None:
        try:
            trajectory.advanced(seconds)
        except Exception:
            log.exception("showing %s failed", trajectory.procedure)
            trajectory.fail("The model failed while drawing this.")

    def _step(self, batch: list[Trajectory]) -> bool:
        states: list[State] = [t.state for t in batch if t.state is not None]
        sampler = batch[0].sampler
        assert sampler is not None
        try:
            sampler.step(states)
        except Exception:
            log.exception("a step of %s failed", batch[0].procedure)
            return False
        self.steps += 1
        self.largest_batch = max(self.largest_batch, len(batch))
        return True

    def _next_batch(self) -> list[Trajectory]:
        groups: dict[Hashable, list[Trajectory]] = {}
        for trajectory in self._active:
            if not trajectory.abandoned:
                groups.setdefault(trajectory.key, []).append(trajectory)
        if not groups:
            return []
        # A procedure's states change keys as they go, so turns are counted by procedure.
        key = min(groups, key=lambda k: self._served.get(groups[k][0].procedure, -1))
        self._turn += 1
        self._served[groups[key][0].procedure] = self._turn
        batch: list[Trajectory] = []
        rows = 0
        for trajectory in groups[key]:
            assert trajectory.state is not None
            rows += trajectory.state.rows
            if batch and rows > self._batch_rows:
                break
            batch.append(trajectory)
        self._active = [t for t in self._active if t not in batch] + batch
        return batch
