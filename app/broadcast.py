"""One running Play for all who asked for the same: computed, drawn and rendered once.

In a lecture three hundred laptops follow the presenter's link, seed and all. The engine shares a
model's steps among equal requests; here the pictures and the page's fragments are shared too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from fastapi import Request as WebRequest

from app.demos.demo import Shown
from app.engine import EngineFullError

TOGETHER = 2.0
"""Seconds from a Play's beginning in which a press joins it even if it has ended: a class does not
press at the very same moment, and a quick Play would run twice."""
SLOW = 1.0
"""Seconds for which a reader may hold up its stream before it is taken to the newest frame."""


@dataclass(frozen=True)
class Moment:
    """A frame of a Play as it is sent.

    Attributes:
        event: server-sent.
        last: the frame itself if it is the last; the pixels of the others are not kept.
    """

    event: bytes
    last: Shown | None = None


Source = Callable[[], AsyncGenerator[Moment, None]]


class Broadcast:
    """A Play on its way, with everything it has shown; it ends when its last watcher leaves.

    Args:
        source: its frames.
        left: called when nobody watches it and nobody may join it any more.
    """

    def __init__(self, source: AsyncGenerator[Moment, None], left: Callable[[], None]) -> None:
        self._source, self._left = source, left
        self.moments: list[Moment] = []
        self.watchers = 0
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._began = time.monotonic()
        self._task = asyncio.create_task(self._run())

    @property
    def joinable(self) -> bool:
        """Whether a press joins it now: it is on its way, or has just begun and ended well."""
        return self.running or (self._well and self._left_to_join > 0)

    @property
    def _well(self) -> bool:
        return self._error is None and self._last is not None and not self._last.failed

    @property
    def _last(self) -> Shown | None:
        return self.moments[-1].last if self.moments else None

    @property
    def _left_to_join(self) -> float:
        return self._began + TOGETHER - time.monotonic()

    @property
    def running(self) -> bool:
        """Whether frames are still to come."""
        return not self._task.done()

    async def _run(self) -> None:
        try:
            async with aclosing(self._source) as source:
                async for moment in source:
                    self.moments.append(moment)
                    self._tell()
        except EngineFullError as error:
            self._error = error
        finally:
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def watch(self) -> AsyncGenerator[Moment, None]:
        """The frames from the first; a reader that is too slow misses some, never the last.

        Raises:
            EngineFullError: there was no room for the Play.
        """
        seen = 0
        try:
            while True:
                news = self._news
                if seen < len(self.moments):
                    began = time.monotonic()
                    yield self.moments[seen]
                    slow = time.monotonic() - began > SLOW
                    seen = max(seen + 1, len(self.moments) - 1) if slow else seen + 1
                elif self._error is not None:
                    raise self._error
                elif not self.running or self._last:
                    return
                else:
                    await news.wait()
        finally:
            await self._leave()

    async def _leave(self) -> None:
        self.watchers -= 1
        if self.watchers:
            return
        if self._well and self._left_to_join > 0:
            asyncio.get_running_loop().call_later(self._left_to_join, self._forget)
            return
        self._left()
        await self.stop()

    def _forget(self) -> None:
        if not self.watchers:
            self._left()

    async def stop(self) -> None:
        """End it now, whoever watches."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


class Broadcasts:
    """All Plays on their way, by what was asked for.

    Args:
        limit: most watchers of all together.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._running: dict[Hashable, Broadcast] = {}

    @property
    def watchers(self) -> int:
        """How many streams are open."""
        return sum(b.watchers for b in self._running.values())

    def watch(self, key: Hashable, source: Source) -> AsyncGenerator[Moment, None]:
        """Join the Play of this key, or begin it if none can be joined.

        Raises:
            EngineFullError: as many streams are open as may be.
        """
        if self.watchers >= self._limit:
            raise EngineFullError(retry_after=5)
        known = self._running.get(key)
        if known is None or not known.joinable:
            known = self._running[key] = self._begin(key, source)
        known.watchers += 1
        return known.watch()

    def _begin(self, key: Hashable, source: Source) -> Broadcast:
        def left() -> None:
            if self._running.get(key) is begun:
                del self._running[key]

        begun = Broadcast(source(), left)
        return begun


async def get_broadcasts(request: WebRequest) -> Broadcasts:
    """Dependency: the app's Plays on their way."""
    broadcasts: Broadcasts = request.app.state.broadcasts
    return broadcasts
