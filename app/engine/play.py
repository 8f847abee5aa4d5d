"""What a caller holds of a submitted request: its frames as they come, or its result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from app.engine.trajectory import Frame, PlayFailedError, Trajectory

__all__ = ["Frame", "Play"]

_QUEUE_SECONDS = 0.5


class Play:
    """One watcher of a trajectory; the trajectory ends when its last watcher leaves.

    Args:
        trajectory: shared by all who asked for the same.
        place: how many plays are before it in the queue, and its wait in seconds, if known.
        release: called once when this watcher leaves.
    """

    def __init__(
        self,
        trajectory: Trajectory,
        place: Callable[[], tuple[int, float | None]],
        release: Callable[[], None],
    ) -> None:
        self._trajectory, self._place, self._release = trajectory, place, release
        self._event = trajectory.join()
        self._left = False

    def leave(self) -> None:
        """Stop watching; harmless when repeated."""
        if not self._left:
            self._left = True
            self._trajectory.leave(self._event)
            self._release()

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """All frames from the first, as they are published, and places in the queue before them.

        Raises:
            PlayFailedError: the model failed or refused the request.
        """
        trajectory, shown, known = self._trajectory, 0, -1
        try:
            while True:
                self._event.clear()
                while shown < len(trajectory.frames):
                    frame = trajectory.frames[shown]
                    shown += 1
                    yield frame
                    if frame.done:
                        return
                if trajectory.error is not None:
                    raise PlayFailedError(trajectory.error, trajectory.refused)
                if not trajectory.frames:
                    ahead, wait = self._place()
                    if ahead > 0 and ahead != known:
                        yield Frame(0, 1, 0.0, 0.0, None, ahead=ahead, wait=wait)
                    known = ahead
                try:
                    await asyncio.wait_for(self._event.wait(), _QUEUE_SECONDS)
                except TimeoutError:
                    continue
        finally:
            self.leave()

    async def result(self) -> Frame:
        """The last frame.

        Raises:
            PlayFailedError: the model failed or refused the request.
        """
        last: Frame | None = None
        async with aclosing(self.frames()) as frames:
            async for frame in frames:
                last = frame
        assert last is not None
        return last
