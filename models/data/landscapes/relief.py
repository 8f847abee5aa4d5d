"""Peaks and valleys: the outline of mountains and dunes, their shadow sides and their snow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.data.landscapes.geometry import EXTENT, Points, above_bottom

Line = NDArray[np.float64]
_X = np.arange(-2.0, EXTENT + 3, 1.0)


@dataclass(frozen=True)
class Range:
    """A chain of peaks.

    Attributes:
        x, y: the outline, [n] each.
        peaks: x, y of each, from left to right.
        valleys: x, y of each, one more than there are peaks.
        base: y of its foot.
    """

    x: Line
    y: Line
    peaks: Points
    valleys: Points
    base: float

    def area(self) -> Points:
        """Everything under the outline."""
        return above_bottom(self.x, self.y)

    def side(self, peak: int, right: bool) -> Points:
        """The outline from a peak to the valley beside it, [n, 2]."""
        top, end = self.peaks[peak], self.valleys[peak + 1 if right else peak]
        low, high = sorted((top[0], end[0]))
        inner = (self.x > low) & (self.x < high)
        line = np.stack([self.x[inner], self.y[inner]], axis=1)
        return np.concatenate([[top], line if right else line[::-1], [end]])

    def shadow(self, rng: np.random.Generator, peak: int, right: bool) -> Points:
        """The side of a peak that the light does not reach, bounded by a crooked ridge."""
        line = self.side(peak, right)
        top, end = line[0], line[-1]
        width, height = end[0] - top[0], self.base - top[1]
        down = np.array([0.95, 0.72, 0.48, 0.24])
        bend = np.array([0.30, 0.02, 0.16, -0.03]) + 0.1 * rng.random(4)
        ridge = np.stack([top[0] + width * bend, top[1] + height * down], axis=1)
        return np.concatenate([line, [[end[0], self.base]], ridge])

    def cap(self, rng: np.random.Generator, peak: int, right: bool, share: float) -> Points:
        """Snow on one side of a peak, down to ``share`` of its height, with a ragged edge."""
        line = self.side(peak, right)
        top = line[0]
        limit = top[1] + (self.base - top[1]) * share
        line = line[line[:, 1] <= limit]
        end = line[-1]
        steps = np.array([0.72, 0.45, 0.2, 0.0])
        rise = np.array([-0.3, 0.12, -0.22, 0.1]) * (end[1] - top[1]) * (0.7 + 0.6 * rng.random(4))
        rise[-1] = 0.06 * (end[1] - top[1])  # both sides meet under the peak
        edge = np.stack([top[0] + (end[0] - top[0]) * steps, end[1] + rise], axis=1)
        return np.concatenate([line, edge])


def _chain(
    rng: np.random.Generator, base: float, height: float, count: int
) -> tuple[Points, Points]:
    x = (np.arange(count) + 0.28 + 0.44 * rng.random(count)) * (
        EXTENT * 1.1 / count
    ) - EXTENT * 0.05
    tall = 0.55 + 0.35 * rng.random(count)
    tall[rng.integers(count)] = 1.0
    peaks = np.stack([x, base - height * tall], axis=1)
    share = 0.36 + 0.28 * rng.random(count - 1)
    middle = x[:-1] + (x[1:] - x[:-1]) * share
    low = np.minimum(tall[:-1], tall[1:]) * height
    between = np.stack([middle, base - low * (0.12 + 0.33 * rng.random(count - 1))], axis=1)
    ends = [[min(x[0] - 14, -8.0), base]], [[max(x[-1] + 14, EXTENT + 8), base]]
    return peaks, np.concatenate([ends[0], between, ends[1]])


def mountain_range(rng: np.random.Generator, base: float, height: float, count: int) -> Range:
    """Rugged peaks, the highest ``height`` above ``base``."""
    peaks, valleys = _chain(rng, base, height, count)
    return _through(rng, peaks, valleys, base, power=1.0, rough=0.9)


def dune_range(rng: np.random.Generator, base: float, height: float, count: int) -> Range:
    """Sharp crests with hollow slopes, the highest ``height`` above ``base``."""
    peaks, valleys = _chain(rng, base, height, count)
    return _through(rng, peaks, valleys, base, power=1.5, rough=0.0)


def _through(
    rng: np.random.Generator,
    peaks: Points,
    valleys: Points,
    base: float,
    power: float,
    rough: float,
) -> Range:
    corners = np.empty((len(peaks) + len(valleys), 2))
    corners[::2], corners[1::2] = valleys, peaks
    x = np.unique(np.concatenate([_X, peaks[:, 0]]))
    i = np.clip(np.searchsorted(corners[:, 0], x, side="right") - 1, 0, len(corners) - 2)
    start, end = corners[i], corners[i + 1]
    along = (x - start[:, 0]) / (end[:, 0] - start[:, 0])
    rising = (i % 2 == 0).astype(float)  # from a valley to a peak
    height = np.where(rising > 0, along, 1 - along).clip(0, 1) ** power
    low = np.where(rising > 0, start[:, 1], end[:, 1])
    high = np.where(rising > 0, end[:, 1], start[:, 1])
    y = low + (high - low) * height
    y = y + rough * rng.normal(size=len(x)) * (height * (1 - height) * 4)
    return Range(x, y, peaks, valleys, base)
