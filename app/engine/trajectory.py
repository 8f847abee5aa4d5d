"""One request on its way through a model."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import torch

from app.engine.observer import Observer
from app.engine.priority import Priority
from app.engine.progress import Progress
from models.runtime.architecture import AnySampler
from models.runtime.sampler import ENDLESS, Request, State, View

log = logging.getLogger(__name__)

PREVIEWS = 25
"""Most pictures of a trajectory, first and last included; of an endless one, most a second."""
SHOWN_A_SECOND = 50
"""Most pictures on the way, of all plays together, where more than :data:`FEW` take turns."""
FEW = 2
"""These show all that they have: a comparison is two plays."""
FAILED = "The model failed while drawing this."


def preview_steps(total: int) -> frozenset[int]:
    """The steps after which a picture is published: all, or ``PREVIEWS`` evenly spread."""
    if total < PREVIEWS:
        return frozenset(range(total + 1))
    return frozenset(round(i * total / (PREVIEWS - 1)) for i in range(PREVIEWS))


class Trajectory:
    """State of one request, and what is published of it; see :mod:`app.engine.lane` for threads.

    Args:
        frames: whether more than the result is wanted.

    Attributes:
        unread: published and not yet taken by the watcher.
        inbox: told by the watcher and not yet by the sampler.
        rows: that it takes in memory and in a step; until it begins, the images asked for.
        at: steps that were done without fail; a step that fails may have counted already.
        left: whether nobody watches it any more.
        news: is set in the event loop whenever something new is there.
    """

    def __init__(
        self,
        procedure: str,
        request: Request[Any],
        loop: asyncio.AbstractEventLoop,
        frames: bool,
        observer: Observer,
        priority: Priority | None = None,
    ) -> None:
        self.procedure, self.request, self.loop = procedure, request, loop
        self.wants_frames, self.observer = frames, observer
        self.priority = priority or Priority()
        self.submitted = time.monotonic()
        self.sampler: AnySampler | None = None
        self.state: State | None = None
        self.unread: deque[Progress] = deque()
        self.inbox: deque[Any] = deque()
        self.news = asyncio.Event()
        self.error: str | None = None
        self.refused = False
        self.finished = False
        self.left = False
        self.began = 0.0
        self.compute = 0.0
        self.rows = request.n
        self.at = 0
        self._steps: frozenset[int] = frozenset()
        self._shown_at = -1
        self._shown = 0.0
        self._told: list[tuple[int, Any]] = []
        self._again: deque[tuple[int, Any]] = deque()
        self._suspects: set[int] = set()

    @property
    def urgent(self) -> bool:
        """Whether it goes before those that are not."""
        return self.priority.urgent

    @property
    def key(self) -> Hashable:
        """Trajectories with equal keys may share a batched step.

        One whose step has failed in company takes that step alone.
        """
        assert self.state is not None
        alone = id(self) if self.at in self._suspects else None
        return self.procedure, self.state.key, alone

    def begin(self, sampler: AnySampler) -> None:
        """Start the state and publish what it looks like before any step."""
        self.began = time.monotonic()
        self.sampler = sampler
        self._start()
        assert self.state is not None
        endless = self.state.total == ENDLESS
        self._steps = frozenset() if endless else preview_steps(self.state.total)
        if self.wants_frames or self.state.done:
            self.publish()

    def _start(self) -> None:
        assert self.sampler is not None
        with torch.inference_mode(not self.sampler.trains):
            self.state = self.sampler.start(self.request)
        self.rows, self.at = self.state.rows, self.state.step

    def restart(self) -> None:
        """Go back to the start after a step in company has failed, which may have spoilt the state.

        A request and what it was told decide all, so the same steps lead there again, unshown.
        """
        self._suspects.add(self.at)
        self._again = deque(self._told)
        self._start()

    def listen(self) -> None:
        """Tell the sampler what is due before the next step.

        Raises:
            ValueError: a message it does not take.
        """
        assert self.sampler is not None
        assert self.state is not None
        while self._again and self._again[0][0] <= self.at:
            self.sampler.tell(self.state, self._again.popleft()[1])
        while self.inbox and not self._behind:
            message = self.inbox.popleft()
            self._told.append((self.at, message))
            self.sampler.tell(self.state, message)
        if self.state.done:
            self.publish()

    @property
    def has_heard(self) -> bool:
        """Whether nothing that it was told is due before the next step."""
        again = self._again and self._again[0][0] <= self.at
        return not again and (not self.inbox or self._behind)

    @property
    def _behind(self) -> bool:
        """Whether it is on its way back to where a step in company has failed."""
        return self.at < max(self._suspects, default=0)

    def advanced(self, seconds: float, crowd: int = 1) -> None:
        """Count a step of the batch and publish a picture if one is due.

        Args:
            seconds: that the step took.
            crowd: how many plays take turns, this one included.
        """
        assert self.state is not None
        self.at = self.state.step
        self.compute += seconds
        if self.state.done or (self.wants_frames and self._due() and self._has_turn(crowd)):
            self.publish()

    def _due(self) -> bool:
        assert self.state is not None
        if self.at <= self._shown_at:
            return False
        if self.state.total == ENDLESS:  # a watcher that is slow sees fewer, none is kept for it
            return not self.unread and time.monotonic() - self._shown >= 1 / PREVIEWS
        return self.at in self._steps

    def _has_turn(self, crowd: int) -> bool:
        """Whether one more picture stays within this play's part of :data:`SHOWN_A_SECOND`."""
        return crowd <= FEW or time.monotonic() - self._shown >= crowd / SHOWN_A_SECOND

    def publish(self) -> None:
        """Publish the present state, or fail where that is no picture; wake the watcher."""
        assert self.state is not None
        state, show = self.state, self._show()
        if show is None:
            log.error(
                "%s gave an image that is not finite, seed %d", self.procedure, self.request.seed
            )
            self.fail("The model lost its way while drawing this. Please try another seed.")
            return
        now = self._shown = time.monotonic()
        if self.wants_frames and self._shown_at < 0:
            self.observer.first_frame(self.procedure, now - self.submitted)
        if state.done:
            self.observer.finished(self.procedure)
        self._shown_at = state.step
        total = 0 if state.total == ENDLESS else state.total
        self.unread.append(
            Progress(state.step, total, now - self.began, self.compute, show, done=state.done)
        )
        if state.done:
            self._end()
        self.wake()

    def _show(self) -> Callable[[], View] | None:
        """Makes the picture of the present state; ``None`` where that is known to be none."""
        assert self.state is not None
        assert self.sampler is not None
        with torch.inference_mode():
            still = None if self.state.done else self.sampler.still(self.state)
            if still is not None:
                return partial(self.sampler.preview, still)
            view = (self.sampler.finish if self.state.done else self.sampler.preview)(self.state)
            return (lambda: view) if view.images.isfinite().all() else None

    def fail(self, message: str) -> None:
        """End because the model failed, and wake the watcher."""
        self.observer.failed(self.procedure, message)
        self.end(message)

    def end(self, message: str, refused: bool = False) -> None:
        """End without a result and without the model's fault, and wake the watcher.

        Args:
            message: why, for the user.
            refused: whether the request was at fault.
        """
        if self.finished:
            return
        self.refused = refused  # before the error, which is what the watcher looks at
        self.error = message
        self._end()
        self.wake()

    def _end(self) -> None:
        self.finished = True
        self.state = None  # caches are large; the pictures stay
        self._told.clear()

    def wake(self) -> None:
        """Let the watcher look again; callable from any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.news.set)
