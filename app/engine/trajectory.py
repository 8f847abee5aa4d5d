"""One request on its way through a model, with everything published of it so far."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch

from app.engine.observer import Observer
from models.runtime.architecture import AnySampler
from models.runtime.sampler import Request, State, View

log = logging.getLogger(__name__)

PREVIEWS = 25
"""Most frames a trajectory publishes, first and last included."""
SHOWN_A_SECOND = 50
"""Most pictures on the way, of all plays together, where more than :data:`FEW` take turns."""
FEW = 2
"""These show all that they have: a comparison is two plays."""


class EngineFullError(RuntimeError):
    """No room for another play; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many plays are waiting. Please try again in a moment.")
        self.retry_after = retry_after


class PlayFailedError(RuntimeError):
    """There is no result; the message is for the user.

    Attributes:
        refused: whether the request was at fault, and not the model.
    """

    def __init__(self, message: str, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


@dataclass(frozen=True)
class Frame:
    """A moment of a play.

    Attributes:
        step, total: how far it is.
        seconds: since its first step began.
        compute: seconds spent in the batched steps it was part of.
        show: makes :attr:`view`; ``None`` while it waits.
        ahead: plays before it in the queue, 0 once it runs.
        wait: seconds until its turn may come, ``None`` if nobody knows.
        done: whether this is the last frame.
    """

    step: int
    total: int
    seconds: float
    compute: float
    show: Callable[[], View] | None
    ahead: int = 0
    wait: float | None = None
    done: bool = False

    @property
    def waits(self) -> bool:
        """Whether its turn has not come."""
        return self.show is None

    @cached_property
    @torch.inference_mode()
    def view(self) -> View:
        """What can be shown; making it may take a while.

        Raises:
            ValueError: it :attr:`waits`.
        """
        if self.show is None:
            raise ValueError("a play that waits has no picture yet")
        return self.show()


def identity(procedure: str, request: Request[Any]) -> Hashable:
    """Equal for requests that give the same images."""
    digests = (
        (name, hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest())
        for name, tensor in sorted(request.inputs.items())
    )
    return procedure, request, tuple(digests)


def preview_steps(total: int) -> frozenset[int]:
    """The steps after which a frame is published: all, or ``PREVIEWS`` evenly spread."""
    if total < PREVIEWS:
        return frozenset(range(total + 1))
    return frozenset(round(i * total / (PREVIEWS - 1)) for i in range(PREVIEWS))


class Trajectory:
    """State, frames and watchers of one request.

    The worker thread writes ``state``, ``frames`` and ``error``; watchers read them in the event
    loop and are woken through ``call_soon_threadsafe``.
    """

    def __init__(
        self,
        procedure: str,
        request: Request[Any],
        loop: asyncio.AbstractEventLoop,
        frames: bool,
        observer: Observer,
        urgent: bool = False,
    ) -> None:
        self.procedure, self.request, self.loop = procedure, request, loop
        self.wants_frames, self.observer, self.urgent = frames, observer, urgent
        self.submitted = time.monotonic()
        self.sampler: AnySampler | None = None
        self.state: State | None = None
        self.steps: frozenset[int] = frozenset()
        self.frames: list[Frame] = []
        self.error: str | None = None
        self.refused = False
        self.watchers = 0
        self.began = 0.0
        self.compute = 0.0
        self._shown = 0.0
        self._wakes: set[asyncio.Event] = set()

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.watchers == 0

    @property
    def finished(self) -> bool:
        """Whether its last frame, or its error, is there."""
        return self.error is not None or bool(self.frames and self.frames[-1].done)

    @property
    def key(self) -> Hashable:
        """Trajectories with equal keys may share a batched step."""
        assert self.state is not None
        return self.procedure, self.state.key

    def begin(self, sampler: AnySampler) -> None:
        """Start the state and publish what it looks like before any step."""
        self.began = time.monotonic()
        self.sampler, self.state = sampler, sampler.start(self.request)
        self.steps = preview_steps(self.state.total)
        if self.wants_frames or self.state.done:
            self.publish()

    def advanced(self, seconds: float, crowd: int = 1) -> None:
        """Account for a step just taken and publish it if it is due.

        Args:
            seconds: that the step took.
            crowd: how many plays take turns, this one included.
        """
        assert self.state is not None
        self.compute += seconds
        due = self.wants_frames and self.state.step in self.steps
        if self.state.done or (due and self._has_turn(crowd)):
            self.publish()

    def _has_turn(self, crowd: int) -> bool:
        """Whether one more picture stays within this play's part of :data:`SHOWN_A_SECOND`."""
        return crowd <= FEW or time.monotonic() - self._shown >= crowd / SHOWN_A_SECOND

    def publish(self) -> None:
        """Append a frame of the present state, or fail where that is no picture; wake all."""
        assert self.state is not None
        state, show = self.state, self._show()
        if show is None:
            log.error(
                "%s gave an image that is not finite, seed %d", self.procedure, self.request.seed
            )
            self.fail("The model lost its way while drawing this. Please try another seed.")
            return
        now = self._shown = time.monotonic()
        if self.wants_frames and not self.frames:
            self.observer.first_frame(self.procedure, now - self.submitted)
        if state.done:
            self.observer.finished(self.procedure)
        self.frames.append(
            Frame(state.step, state.total, now - self.began, self.compute, show, done=state.done)
        )
        if state.done:
            self.state = None  # caches and trajectories are large; the frames stay
        self.wake()

    def _show(self) -> Callable[[], View] | None:
        """Makes the picture of the present state; ``None`` where that is known to be none."""
        assert self.state is not None
        assert self.sampler is not None
        still = None if self.state.done else self.sampler.still(self.state)
        if still is not None:
            return partial(self.sampler.preview, still)
        view = (self.sampler.finish if self.state.done else self.sampler.preview)(self.state)
        return (lambda: view) if view.images.isfinite().all() else None

    def fail(self, message: str) -> None:
        """End because the model failed, and wake the watchers."""
        self.observer.failed(self.procedure, message)
        self.end(message)

    def end(self, message: str, refused: bool = False) -> None:
        """End without a result and without the model's fault, and wake the watchers.

        Args:
            message: why, for the user.
            refused: whether the request was at fault.
        """
        self.refused = refused  # before the error, which is what watchers look at
        self.error, self.state = message, None
        self.wake()

    def wake(self) -> None:
        """Tell every watcher to look again; callable from any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        for event in self._wakes:
            event.set()

    def join(self) -> asyncio.Event:
        """Add a watcher; the event is set whenever something new is there."""
        event = asyncio.Event()
        self._wakes.add(event)
        self.watchers += 1
        return event

    def leave(self, event: asyncio.Event) -> None:
        """Remove a watcher."""
        self._wakes.discard(event)
        self.watchers -= 1
