"""The learning curve that a card shows: mean losses over equal shares of a training."""

from __future__ import annotations

from collections import defaultdict

POINTS = 20

Point = dict[str, float]
"""``images`` trained on, and the mean of each loss since the point before."""


class Curve:
    """Collects the losses of every step into means, one each :data:`POINTS`-th of the training.

    Args:
        points: those of an interrupted training.
        progress: 0 … 1, how much of the training they cover.
    """

    def __init__(self, points: list[Point] | None = None, progress: float = 0) -> None:
        self.points: list[Point] = list(points or [])
        self._next = progress + 1 / POINTS
        self._sums: dict[str, float] = defaultdict(float)
        self._steps = 0

    def add(self, losses: dict[str, float], images: int, progress: float) -> None:
        """Count the losses of a step, after which ``progress`` (0 … 1) of the training is done."""
        for name, value in losses.items():
            self._sums[name] += value
        self._steps += 1
        if progress >= min(self._next, 1) - 1e-9:
            means = {name: round(total / self._steps, 5) for name, total in self._sums.items()}
            self.points.append({"images": images, **means})
            self._next = max(self._next, progress) + 1 / POINTS
            self._sums.clear()
            self._steps = 0
