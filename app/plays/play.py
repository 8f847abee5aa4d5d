"""One running Play: a log of events that any number of readers follow at their own speed."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from app.engine import Priority

LOG = 128
"""Most events that are kept; a Play with a fixed end has fewer."""
KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent: proxies end what seems dead."""
SLOW = 0.25
"""Seconds for which a reader may hold up an event before it is taken to the newest."""
_ID = re.compile(r"(?P<run>[0-9a-f]{8})-(?P<number>[0-9]{1,9})-(?P<step>[0-9]{1,9})")

T = TypeVar("T")
Work = Callable[["Play[T]"], Coroutine[Any, Any, None]]
"""Computes a Play and publishes its events; ends with one that has a result."""


@dataclass(frozen=True)
class Event(Generic[T]):
    """Something that a Play has published.

    Attributes:
        number: 0, 1, 2, … of its Play.
        step: how far the Play was, by which another run of the same one is resumed.
        data: as it is sent.
        result: of the last event alone; the pictures of the others are kept as sent only.
        failed: whether it tells why there is no more.
    """

    number: int
    step: int
    data: bytes
    result: T | None = None
    failed: bool = False


class Play(Generic[T]):
    """What computes its events once, however many read them.

    Args:
        work: see :data:`Work`.

    Attributes:
        id: of this run; events of another one with the same parameters have another.
        priority: of all that it asks of the engine.
        began: on the monotonic clock.
        error: raised by the work, if it was.
        task: runs the work.
    """

    def __init__(self, work: Work[T]) -> None:
        self.id = secrets.token_hex(4)
        self.priority = Priority()
        self.began = time.monotonic()
        self.error: Exception | None = None
        self._log: deque[Event[T]] = deque(maxlen=LOG)
        self._published = 0
        self._news = asyncio.Event()
        self.task = asyncio.create_task(self._run(work))

    async def _run(self, work: Work[T]) -> None:
        try:
            await work(self)
        except Exception as error:
            self.error = error
        finally:
            self._wake()

    def publish(
        self, html: str, step: int = 0, result: T | None = None, failed: bool = False
    ) -> None:
        """Append an event to the log; see :class:`Event`."""
        number = self._published
        data = format_sse_event(data_str=html, id=f"{self.id}-{number}-{step}")
        self._log.append(Event(number, step, data, result, failed))
        self._published += 1
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    @property
    def last(self) -> Event[T] | None:
        """The event with the result, if it is there."""
        newest = self._log[-1] if self._log else None
        return newest if newest is not None and newest.result is not None else None

    @property
    def ended(self) -> bool:
        """Whether no event is to come."""
        return self.task.done() or self.last is not None

    def next(self, number: int, newest: bool = False) -> Event[T] | None:
        """The event of this number, or the first one after it that is still kept.

        Args:
            newest: skip all events but the newest.
        """
        if number >= self._published:
            return None
        first = self._log[0].number
        return self._log[-1 if newest else max(0, number - first)]

    async def more(self, number: int, seconds: float | None = None) -> bool:
        """Wait for the event of this number, or for the end; ``False`` if neither comes in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._published <= number and not self.ended:
                    await self._news.wait()
            return True
        return False


class Reader(Generic[T]):
    """Who follows a Play; whoever holds one lets it :meth:`leave`.

    Args:
        play: what is read.
        left: called once when it leaves.
        after: id of the last event that its browser has, of this run or of another with the same
            parameters; from the beginning if it is empty or none of ours.
    """

    def __init__(self, play: Play[T], left: Callable[[], None], after: str = "") -> None:
        self._play, self._left, self._here = play, left, True
        self._next, self._seen = 0, -1
        found = _ID.fullmatch(after)
        if found is None:
            return
        if found["run"] == play.id:
            self._next = int(found["number"]) + 1
        else:
            self._seen = int(found["step"])

    def leave(self) -> None:
        """Read no more; harmless when repeated."""
        if self._here:
            self._here = False
            self._left()

    async def begun(self) -> None:
        """Wait until there is something to send, be it that nothing has happened for a while.

        Raises:
            EngineFullError: there is no room for the Play.
        """
        await self._play.more(self._next, KEEP_ALIVE)
        if self._play.error is not None and self._play.next(self._next) is None:
            raise self._play.error

    async def events(self) -> AsyncGenerator[bytes, None]:
        """As they are sent. A reader that is too slow misses some, never the last."""
        slow = False
        while True:
            event = self._take(slow)
            if event is not None:
                began = time.monotonic()
                yield event.data
                slow = time.monotonic() - began > SLOW
            elif self._play.ended:
                if self._play.error is not None:
                    raise self._play.error
                return
            elif not await self._play.more(self._next, KEEP_ALIVE):
                yield KEEPALIVE_COMMENT

    def _take(self, newest: bool) -> Event[T] | None:
        """The next event that its browser does not have."""
        while (event := self._play.next(self._next, newest)) is not None:
            self._next = event.number + 1
            if event.step > self._seen or event.result is not None:
                return event
        return None

    async def result(self) -> T | None:
        """What the last event has; ``None`` if the Play ended without.

        Raises:
            Exception: what the work has raised.
        """
        while not self._play.ended:
            while self._take(newest=True) is not None:
                pass
            await self._play.more(self._next)
        if self._play.error is not None:
            raise self._play.error
        last = self._play.last
        return None if last is None else last.result
