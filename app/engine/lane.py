"""Continuous batching of model steps across requests.

Two threads share the work of a lane. The reception begins trajectories as long as there is a place,
so that a first picture never waits for a step to end. The worker steps those that have begun: each
turn it takes the group, same procedure and same state key, that has waited longest, and advances as
many of its trajectories as fit one batch by one step. They come and go between steps, so a request
never waits for another to finish and one that is left is gone within a step.

Who writes what:

=====================================  ==================================  =======================
what                                   written by                          under
=====================================  ==================================  =======================
``_waiting``                           event loop, reception               the lane's lock
``_beginning``                         reception                           the lane's lock
``_active``                            reception, worker                   the lane's lock
``_turns``                             worker                              none: one thread
``_changes``, ``_stopping``,           every thread                        the lane's lock
``_threads``
``Steps.last``                         worker                              none: one number
``Trajectory.left``                    event loop                          the lane's lock
``Trajectory.state``, ``sampler``,     reception while ``_beginning``,     none: one owner at a
``at``, ``rows``, ``finished``,        then the worker                     time, handed over under
``error``                                                                  the lane's lock
``Trajectory.unread``                  its owner appends, event loop pops  none: a deque's own
``Trajectory.inbox``                   event loop appends, worker pops     none: a deque's own
``Trajectory.news``                    event loop                          none: one thread
``Priority.urgent``                    event loop                          none: it only rises
``Pace``                               worker, warm-up (its own entries)   none: one entry a write
=====================================  ==================================  =======================

The last of a lane's threads to end owns all that is left.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from app.engine.limits import Limits
from app.engine.observer import Observer
from app.engine.pace import Pace
from app.engine.priority import Priority
from app.engine.progress import EngineFullError
from app.engine.steps import Models, Steps
from app.engine.trajectory import Trajectory
from app.engine.turns import Turns
from app.engine.watch import Watch
from app.machine.threads import compute_on, give_way
from models.runtime.sampler import Request

URGENT_PLACES = 4
"""Places of the queue that only urgent trajectories may take."""
STOPPED = "The server is shutting down. Please press Play again in a moment."


class Lane:
    """Trajectories that share threads and limits.

    Args:
        models: where samplers come from.
        limits: what it may take.
        observer: is told of steps and of what becomes of trajectories.
    """

    def __init__(self, models: Models, limits: Limits, observer: Observer) -> None:
        self._limits, self._observer = limits, observer
        self._steps = Steps(models, limits, observer)
        self._waiting: list[Trajectory] = []
        self._beginning: Trajectory | None = None
        self._active: list[Trajectory] = []
        self._turns = Turns()
        self._lock = threading.Condition()
        self._changes = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self, name: str) -> None:
        """Start both threads."""
        for turn, prepare in ((self.receive, self._compute_little), (self.work, self._give_way)):
            thread = threading.Thread(
                target=self._serve,
                args=(turn, prepare),
                name=f"{name}-{turn.__name__}",
                daemon=True,
            )
            self._threads.append(thread)
        for thread in self._threads:
            thread.start()

    @staticmethod
    def _compute_little() -> None:
        compute_on(1)

    def _give_way(self) -> None:
        for _ in range(1 + self._limits.background):
            give_way()

    def _serve(self, turn: Callable[[], bool], prepare: Callable[[], None]) -> None:
        """Take turns, and sleep when there was nothing to do until something changes."""
        prepare()
        while True:
            with self._lock:
                if self._stopping:
                    break
                seen = self._changes
            if turn():
                continue
            with self._lock:
                while self._changes == seen:
                    self._lock.wait()
        with self._lock:
            self._threads.remove(threading.current_thread())
            if not self._threads:
                self._end_all()

    def _end_all(self) -> None:
        left, self._waiting, self._active = [*self._active, *self._waiting], [], []
        for trajectory in left:
            trajectory.end(STOPPED)

    def _wake(self) -> None:
        with self._lock:
            self._changes += 1
            self._lock.notify_all()

    def close(self) -> None:
        """Take no more requests; the threads end within a step, and with them all on its way."""
        with self._lock:
            self._stopping = True
            self._wake()
            if not self._threads:
                self._end_all()

    def join(self) -> None:
        """Wait for the threads' end."""
        for thread in list(self._threads):
            thread.join(timeout=10)

    @property
    def pace(self) -> Pace:
        """What is known of its speed."""
        return self._steps.pace

    @property
    def last_step(self) -> float:
        """When its last step ended, on the monotonic clock; 0 before that."""
        return self._steps.last

    @property
    def load(self) -> tuple[int, int]:
        """How many trajectories run and how many wait."""
        with self._lock:
            return len(self._active) + (self._beginning is not None), len(self._waiting)

    @property
    def stalled(self) -> float:
        """Seconds since the last step, or since the oldest that waits for one began; else 0."""
        with self._lock:
            here = [*self._active, *([self._beginning] if self._beginning else [])]
        if not here:
            return 0.0
        return time.monotonic() - max(self._steps.last, min(t.began for t in here))

    def submit(
        self, procedure: str, request: Request[Any], frames: bool, priority: Priority | None
    ) -> Watch:
        """See :meth:`app.engine.engine.Engine.submit`."""
        loop = asyncio.get_running_loop()
        trajectory = Trajectory(procedure, request, loop, frames, self._observer, priority)
        with self._lock:
            most = self._limits.waiting + (URGENT_PLACES if trajectory.urgent else 0)
            if self._stopping or len(self._waiting) >= most:
                self._observer.shed(procedure)
                raise EngineFullError(retry_after=5)
            self._waiting.append(trajectory)
        trajectory.priority.listen(self._wake)
        self._wake()
        return Watch(
            trajectory,
            place=lambda: self._place(trajectory),
            changed=self._wake,
            left=lambda: self._left(trajectory),
        )

    def _left(self, trajectory: Trajectory) -> None:
        """Let it go. In the queue it would keep others out; the worker drops those that run."""
        with self._lock:
            trajectory.left = True
            waited = trajectory in self._waiting
            if waited:
                self._waiting.remove(trajectory)
        if waited:
            self._observer.cancelled(trajectory.procedure)
        self._wake()

    def _place(self, trajectory: Trajectory) -> tuple[int, float | None]:
        """How many must end before a waiting one begins, and in how many seconds they may."""
        with self._lock:
            held_up = trajectory in self._waiting and not trajectory.urgent
            place = self._queue().index(trajectory) if held_up else -1
            free = self._limits.active - self.load[0] if self._fits(self._queue()[:1]) else 0
        ahead = max(0, place + 1 - free)
        return ahead, self.pace.wait(ahead)

    def _queue(self) -> list[Trajectory]:
        return sorted(self._waiting, key=lambda t: not t.urgent)

    def _fits(self, first: list[Trajectory]) -> bool:
        """Whether those that take turns leave the rows, or there are none."""
        rows = sum(t.rows for t in [*self._active, *first])
        return not self._active or rows <= self._limits.rows

    def receive(self) -> bool:
        """Begin the first that waits; ``False`` if there is none, or no place for it."""
        with self._lock:
            first = self._queue()[:1]
            if not first or not self._has_place(first):
                return False
            trajectory = self._beginning = first[0]
            trajectory.began = time.monotonic()
            self._waiting.remove(trajectory)
        self._steps.begin(trajectory)
        with self._lock:
            self._beginning = None
            if not trajectory.finished:
                self._active.append(trajectory)
        self._wake()
        return True

    def _has_place(self, first: list[Trajectory]) -> bool:
        return first[0].urgent or (len(self._active) < self._limits.active and self._fits(first))

    def work(self) -> bool:
        """Advance one batch by a step; ``False`` if there is nothing to do."""
        for trajectory in self._present():
            if not trajectory.has_heard:
                self._steps.listen(trajectory)
        here = self._present()
        with self._lock:
            batch, order = self._turns.batch(here, self._steps.most_rows)
            begun = [t for t in self._active if t not in order]  # meanwhile, by the reception
            self._active = order + begun
        if batch:
            self._steps.advance(batch, self.load[0])
            self._present()
        return bool(batch)

    def _present(self) -> list[Trajectory]:
        """Those that take turns, after the finished and the left have been let go."""
        with self._lock:
            here = [t for t in self._active if not t.finished and not t.left]
            gone = [t for t in self._active if not t.finished and t.left]
            freed = len(here) < len(self._active)
            self._active = list(here)
        for trajectory in gone:
            self._observer.cancelled(trajectory.procedure)
        if freed:
            self._wake()  # there is a place now
        return here

    def _most_rows(self, procedure: str) -> int:
        return min(self._limits.batch_rows, self.pace.rows(procedure))
