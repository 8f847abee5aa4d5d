"""What the engine tells whoever counts and times its work."""

from __future__ import annotations


class Observer:
    """Hears of every step and every trajectory; by itself it does nothing with that.

    ``procedure`` is always a ``model.action``. Calls come from the worker thread and from the event
    loop, so they must be safe from any thread, return at once and raise nothing.
    """

    def stepped(self, procedure: str, trajectories: int, rows: int, seconds: float) -> None:
        """A batched step of so many trajectories and rows (images) took ``seconds``."""

    def first_frame(self, procedure: str, seconds: float) -> None:
        """A trajectory watched by frames published the first, ``seconds`` after the request."""

    def finished(self, procedure: str) -> None:
        """A trajectory published its last picture."""

    def failed(self, procedure: str, message: str) -> None:
        """The model raised or gave no picture; ``message`` is what its watchers read."""

    def cancelled(self, procedure: str) -> None:
        """A trajectory was dropped before its end because nobody watched it any more."""

    def coalesced(self, procedure: str) -> None:
        """A request joined an equal one that was on its way."""

    def shed(self, procedure: str) -> None:
        """A request was turned away, the queue being full."""
