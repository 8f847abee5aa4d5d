"""All Plays on their way, by what was asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request as WebRequest

from app.engine import EngineFullError, Observer
from app.plays.play import Play, Reader, Work

TOGETHER = 2.0
"""Seconds from a Play's beginning in which a press joins it even if it has ended: a class does not
press at the very same moment, and a quick Play would run twice."""
PRESENTER_PLACES = 4
"""Readers that the presenter may be when all other places are taken."""

T = TypeVar("T")


@dataclass
class _Shared:
    """A Play and how many read it."""

    play: Play[Any]
    readers: int = 0

    @property
    def well(self) -> bool:
        last = self.play.last
        return self.play.error is None and last is not None and not last.failed

    @property
    def seconds_left(self) -> float:
        """For which it may be joined though it has ended."""
        return self.play.began + TOGETHER - time.monotonic() if self.well else 0.0

    @property
    def joinable(self) -> bool:
        return not self.play.task.done() or self.seconds_left > 0


class Plays:
    """Joins equal ones; a Play ends when its last reader leaves.

    Args:
        limit: most readers of all together.
        observer: is told of readers who joined and who were turned away.
    """

    def __init__(self, limit: int, observer: Observer) -> None:
        self._limit, self._observer = limit, observer
        self._shared: dict[Hashable, _Shared] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def readers(self) -> int:
        """How many follow a Play."""
        return sum(shared.readers for shared in self._shared.values())

    def join(
        self, key: Hashable, work: Work[T], model: str, urgent: bool = False, after: str = ""
    ) -> Reader[T]:
        """Read the Play of this key, which begins if none can be joined.

        Args:
            key: equal for Plays that show the same.
            model: that does most of it, for the observer.
            urgent: whether the presenter asks; the Play goes before all others, whoever began it.
            after: see :class:`~app.plays.play.Reader`.

        Raises:
            EngineFullError: as many read as may.
        """
        if self.readers >= self._limit + (PRESENTER_PLACES if urgent else 0):
            self._observer.shed(model)
            raise EngineFullError(retry_after=5)
        shared = self._shared.get(key)
        if shared is None or not shared.joinable:
            shared = self._shared[key] = _Shared(Play(work))
            self._tasks.add(shared.play.task)
            shared.play.task.add_done_callback(self._tasks.discard)
        else:
            self._observer.coalesced(model)
        if urgent:
            shared.play.priority.promote()
        shared.readers += 1
        found = shared
        return Reader(shared.play, lambda: self._left(key, found), after)

    def _left(self, key: Hashable, shared: _Shared) -> None:
        shared.readers -= 1
        if shared.readers:
            return
        if shared.seconds_left > 0:
            loop = asyncio.get_running_loop()
            loop.call_later(shared.seconds_left, self._forget, key, shared)
        else:
            self._forget(key, shared)

    def _forget(self, key: Hashable, shared: _Shared) -> None:
        if shared.readers:
            return
        shared.play.task.cancel()
        if self._shared.get(key) is shared:
            del self._shared[key]

    async def stop(self) -> None:
        """End all of them, whoever reads."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def get_plays(request: WebRequest) -> Plays:
    """Dependency: the app's Plays on their way."""
    plays: Plays = request.app.state.plays
    return plays
