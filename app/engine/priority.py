"""Whose turn comes first."""

from __future__ import annotations

from collections.abc import Callable


class Priority:
    """Shared by a Play and all that it asks of the engine, so that it may be raised on the way.

    It is raised in the event loop and read by every thread; it never falls.

    Args:
        urgent: whether it goes before all that is not; for the presenter, who is one.
    """

    def __init__(self, urgent: bool = False) -> None:
        self.urgent = urgent
        self._listeners: set[Callable[[], None]] = set()

    def promote(self) -> None:
        """Go before all others from now on, waiting or running."""
        if not self.urgent:
            self.urgent = True
            for listener in self._listeners:
                listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call back when it is raised."""
        self._listeners.add(listener)
