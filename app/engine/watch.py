"""What a caller holds of a submitted request: its progress as it comes, or its result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from app.engine.progress import PlayFailedError, Progress
from app.engine.trajectory import Trajectory

_QUEUE_SECONDS = 0.5
"""How often the place in the queue is looked up."""


class Watch:
    """The watcher of a trajectory, which ends when it leaves; for the event loop alone.

    Args:
        trajectory: what is watched.
        place: how many plays are before it in the queue, and its wait in seconds, if known.
        changed: called after it has told the trajectory something.
        left: called once when it leaves.
    """

    def __init__(
        self,
        trajectory: Trajectory,
        place: Callable[[], tuple[int, float | None]],
        changed: Callable[[], None],
        left: Callable[[], None],
    ) -> None:
        self._trajectory, self._place = trajectory, place
        self._changed, self._left = changed, left

    def leave(self) -> None:
        """Stop watching; harmless when repeated."""
        if not self._trajectory.left:
            self._left()

    def tell(self, message: Any) -> None:
        """Let the sampler know something before the next step; messages keep their order.

        One that :meth:`models.runtime.sampler.Sampler.tell` does not take ends the trajectory.
        """
        self._trajectory.inbox.append(message)
        self._changed()

    async def progress(self) -> AsyncGenerator[Progress, None]:
        """All that is published from the start, and places in the queue before; then it leaves.

        Raises:
            PlayFailedError: the model failed or refused the request.
        """
        trajectory, known, begun = self._trajectory, -1, False
        try:
            while True:
                trajectory.news.clear()
                while trajectory.unread:
                    begun = True
                    progress = trajectory.unread.popleft()
                    yield progress
                    if progress.done:
                        return
                if trajectory.error is not None:
                    raise PlayFailedError(trajectory.error, trajectory.refused)
                if not begun:
                    ahead, wait = self._place()
                    if ahead > 0 and ahead != known:
                        yield Progress(0, 1, 0.0, 0.0, None, ahead=ahead, wait=wait)
                    known = ahead
                try:
                    await asyncio.wait_for(
                        trajectory.news.wait(), None if begun else _QUEUE_SECONDS
                    )
                except TimeoutError:
                    continue
        finally:
            self.leave()

    async def result(self) -> Progress:
        """The end.

        Raises:
            PlayFailedError: the model failed or refused the request.
        """
        last: Progress | None = None
        async with aclosing(self.progress()) as all_of_it:
            async for progress in all_of_it:
                last = progress
        assert last is not None
        return last
