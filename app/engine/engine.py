"""Continuous batching of model steps across requests.

Two threads share the work. The reception begins trajectories as long as there is a place, so that a
first picture never waits for a step to end. The worker owns all that have begun: each turn it takes
the group, same procedure and same state key, that has waited longest, and advances as many of its
trajectories as fit one batch by one step. They come and go between steps, so a request never waits
for another to finish and one that is cancelled is gone within a step.
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

from app.engine.curve import MOST_ROWS, worthwhile_cores, worthwhile_rows
from app.engine.observer import Observer
from app.engine.pace import Pace
from app.engine.play import Play
from app.engine.trajectory import EngineFullError, Trajectory, identity
from app.machine.threads import compute_on, give_way
from app.sentences import say
from models.runtime.architecture import AnySampler
from models.runtime.checkpoint import CheckpointError
from models.runtime.errors import RequestError
from models.runtime.sampler import Request, State

log = logging.getLogger(__name__)

URGENT_PLACES = 4
"""Places of the queue that only urgent plays may take."""


class Models(Protocol):
    """What the engine needs of :class:`models.runtime.zoo.Zoo`."""

    def sampler(self, procedure: str) -> AnySampler:
        """The sampler of ``model.procedure``."""


class Engine:
    """Runs plays.

    Args:
        models: where samplers come from.
        batch_rows: most rows of one step, fewer where more gain nothing or would take too long; a
            state larger than that runs alone.
        max_active: most trajectories that take turns.
        max_waiting: most trajectories that wait to be admitted.
        threads: torch threads of the worker, 0 for one a core.
        observer: is told of steps and of what becomes of plays.
    """

    def __init__(
        self,
        models: Models,
        batch_rows: int = MOST_ROWS,
        max_active: int = 48,
        max_waiting: int = 400,
        threads: int = 0,
        observer: Observer | None = None,
    ) -> None:
        self._models, self._batch_rows = models, batch_rows
        self._max_active, self._max_waiting = max_active, max_waiting
        self._threads = threads or os.cpu_count() or 1
        self._observer = observer or Observer()
        self._waiting: deque[Trajectory] = deque()
        self._beginning: Trajectory | None = None
        self._begun: list[Trajectory] = []
        self._active: list[Trajectory] = []
        self._served: dict[Hashable, int] = {}
        self._shared: dict[Hashable, Trajectory] = {}
        self._turn = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._pace = Pace()
        self._threads_running: list[threading.Thread] = []
        self.last_step = time.monotonic()

    def start(self) -> None:
        """Start both threads."""
        for target in (self._run, self._receive):
            thread = threading.Thread(target=target, name=f"engine{target.__name__}", daemon=True)
            thread.start()
            self._threads_running.append(thread)

    def stop(self) -> None:
        """Fail what is still running and end the worker within one step."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads_running:
            thread.join(timeout=10)
        for trajectory in [*self._active, *self._begun, *self._waiting]:
            trajectory.end("The server is shutting down.")

    def measure(self, procedure: str) -> None:
        """Learn how many rows and cores a step of this procedure is worth, in a second or few.

        Nothing is learnt where the model fails, which its plays will tell.
        """
        compute_on(self._threads)
        try:
            sampler = self._models.sampler(procedure)
            rows = worthwhile_rows(sampler, self._batch_rows)
            if rows is not None:
                cores = worthwhile_cores(sampler, rows, self._threads)
                self._pace.measured(procedure, rows, cores)
        except Exception:
            log.exception("measuring %s failed", procedure)

    @property
    def load(self) -> tuple[int, int]:
        """How many trajectories run and how many wait."""
        beginning = self._beginning is not None
        return len(self._active) + len(self._begun) + beginning, len(self._waiting)

    def submit(
        self, procedure: str, request: Request[Any], frames: bool = True, urgent: bool = False
    ) -> Play:
        """Ask for a procedure; call from the event loop.

        Args:
            procedure: ``model.action``, see :meth:`models.runtime.zoo.Zoo.procedures`.
            request: its parameters; a request equal to one on its way joins it.
            frames: whether intermediate frames are wanted.
            urgent: whether it goes before all others; for the presenter, who is one.

        Raises:
            EngineFullError: too many plays are waiting.
        """
        loop = asyncio.get_running_loop()
        name = (identity(procedure, request), frames)
        with self._changed:
            trajectory = self._shared.get(name)
            if trajectory is None or trajectory.finished or trajectory.abandoned:
                room = self._max_waiting + (URGENT_PLACES if urgent else 0)
                if self._stopping or len(self._waiting) >= room:
                    self._observer.shed(procedure)
                    raise EngineFullError(retry_after=5)
                trajectory = Trajectory(procedure, request, loop, frames, self._observer, urgent)
                self._shared[name] = trajectory
                self._enqueue(trajectory)
            else:
                self._observer.coalesced(procedure)
            play = Play(trajectory, lambda: self._place(trajectory), self._left(name, trajectory))
            self._changed.notify_all()
        return play

    def _enqueue(self, trajectory: Trajectory) -> None:
        place = len(self._waiting)
        if trajectory.urgent:
            place = sum(waiting.urgent for waiting in self._waiting)
        self._waiting.insert(place, trajectory)

    def _place(self, trajectory: Trajectory) -> tuple[int, float | None]:
        """How many plays must end before a waiting one begins, and in how many seconds they may."""
        with self._changed:
            waiting, free = list(self._waiting), self._max_active - self.load[0]
        held_up = trajectory in waiting and not trajectory.urgent
        place = waiting.index(trajectory) if held_up else -1
        ahead = max(0, place + 1 - free)
        return ahead, self._pace.wait(ahead)

    def _left(self, name: Hashable, trajectory: Trajectory) -> Callable[[], None]:
        def release() -> None:
            with self._changed:
                if trajectory.abandoned and self._shared.get(name) is trajectory:
                    del self._shared[name]
                # At once, not when its turn comes: it would keep others out of the queue.
                if trajectory.abandoned and trajectory in self._waiting:
                    self._waiting.remove(trajectory)
                    self._observer.cancelled(trajectory.procedure)
                self._changed.notify_all()

        return release

    def _run(self) -> None:
        give_way()
        with torch.inference_mode():
            while self._wait_for_work():
                self._advance()

    def _wait_for_work(self) -> bool:
        with self._changed:
            while True:
                here = [*self._active, *self._begun]
                self._active = [t for t in here if not t.finished and not self._dropped(t)]
                self._begun = []
                self._changed.notify_all()  # there may be a place now
                if self._stopping or self._active:
                    return not self._stopping
                self._changed.wait()

    def _dropped(self, trajectory: Trajectory) -> bool:
        """Whether an unfinished trajectory is abandoned, which the observer then hears."""
        if not trajectory.abandoned:
            return False
        self._observer.cancelled(trajectory.procedure)
        return True

    def _receive(self) -> None:
        compute_on(1)
        with torch.inference_mode():
            while self._wait_for_place():
                trajectory = self._beginning
                assert trajectory is not None
                self._begin(trajectory)
                with self._changed:
                    self._beginning = None
                    if not trajectory.finished:
                        self._begun.append(trajectory)
                    self._changed.notify_all()

    def _wait_for_place(self) -> bool:
        """Take the next waiting trajectory as soon as there is a place for it."""
        with self._changed:
            while not self._stopping and not self._has_place():
                self._changed.wait()
            if not self._stopping:
                self._beginning = self._waiting.popleft()
            return not self._stopping

    def _has_place(self) -> bool:
        free = len(self._active) + len(self._begun) < self._max_active
        return bool(self._waiting) and (free or self._waiting[0].urgent)

    def _begin(self, trajectory: Trajectory) -> None:
        try:
            trajectory.begin(self._models.sampler(trajectory.procedure))
        except RequestError as error:
            trajectory.end(say(error), refused=True)
        except CheckpointError as error:
            trajectory.fail(str(error))
        except Exception:
            log.exception("starting %s failed", trajectory.procedure)
            trajectory.fail("The model could not start this play.")

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

    def _publish(self, trajectory: Trajectory, seconds: float) -> None:
        try:
            trajectory.advanced(seconds, crowd=self.load[0])
        except Exception:
            log.exception("showing %s failed", trajectory.procedure)
            trajectory.fail("The model failed while drawing this.")
        if trajectory.finished:
            self._pace.ended()

    def _step(self, batch: list[Trajectory]) -> bool:
        states: list[State] = [t.state for t in batch if t.state is not None]
        rows = sum(state.rows for state in states)
        sampler, procedure = batch[0].sampler, batch[0].procedure
        assert sampler is not None
        compute_on(self._pace.cores(procedure) or self._threads)
        began = time.monotonic()
        try:
            sampler.step(states)
        except Exception:
            log.exception("a step of %s failed", procedure)
            return False
        seconds = time.monotonic() - began
        self._pace.stepped(procedure, rows, seconds)
        self._observer.stepped(procedure, len(batch), rows, seconds)
        return True

    def _next_batch(self) -> list[Trajectory]:
        groups: dict[Hashable, list[Trajectory]] = {}
        for trajectory in self._active:
            if not trajectory.abandoned:
                groups.setdefault(trajectory.key, []).append(trajectory)
        if not groups:
            return []

        # A procedure's states change keys as they go, so turns are counted by procedure.
        def turn(key: Hashable) -> tuple[bool, int]:
            group = groups[key]
            return not any(t.urgent for t in group), self._served.get(group[0].procedure, -1)

        group = groups[min(groups, key=turn)]
        self._turn += 1
        self._served[group[0].procedure] = self._turn
        batch = self._fitting(sorted(group, key=lambda t: not t.urgent))
        self._active = [t for t in self._active if t not in batch] + batch
        return batch

    def _fitting(self, group: list[Trajectory]) -> list[Trajectory]:
        """As many of a group, from the first, as one step may take."""
        most = min(self._batch_rows, self._pace.rows(group[0].procedure))
        batch: list[Trajectory] = []
        rows = 0
        for trajectory in group:
            assert trajectory.state is not None
            rows += trajectory.state.rows
            if batch and rows > most:
                break
            batch.append(trajectory)
        return batch
