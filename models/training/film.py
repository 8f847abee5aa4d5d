"""The film of a GAN's training: snapshots of its generator, and how losses and scores went on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

from models.runtime.checkpoint import section

if TYPE_CHECKING:
    from collections.abc import Mapping

MOMENTS = (0.0, 0.015, 0.04, 0.09, 0.18, 0.35, 0.65, 1.0)
"""Shares of the training time at which a snapshot is kept."""
POINTS = 160
"""Of the curve, for a whole training."""
MEMORY = 0.95
"""How much of the running means is kept at every step."""

Moment = dict[str, float]
"""``passes``, the images trained on, and the running means of losses and scores then."""
Snapshot = dict[str, Tensor]
"""A generator's tensors, float16 on the CPU."""


@dataclass
class Reel:
    """What was kept of a training, or of a part of one.

    Attributes:
        snapshots, moments: the generators kept, and what was known when each was.
        curve: many such moments, from the first step on.
    """

    snapshots: list[Snapshot] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    curve: list[Moment] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """Lists of plain values and tensors, which do not grow with the reel."""
        return {key: list(value) for key, value in vars(self).items()}

    def __add__(self, later: Reel) -> Reel:
        """Both, one after the other."""
        return Reel(
            self.snapshots + later.snapshots,
            self.moments + later.moments,
            self.curve + later.curve,
        )


@dataclass
class Film:
    """The film of a training that may itself continue one.

    Attributes:
        reel: what this training adds.
        earlier: what is kept of the training that this one continues; without, it is the first.
        start: images that the earlier training had seen.
        means: running means of losses and scores.
    """

    reel: Reel = field(default_factory=Reel)
    earlier: Reel | None = None
    start: float = 0
    means: dict[str, float] = field(default_factory=dict)

    @classmethod
    def continuing(cls, weights: Mapping[str, Tensor], film: Mapping[str, Any]) -> Film:
        """A film that goes on from a shipped one, whose last snapshot a new end will replace.

        Args:
            weights: of the checkpoint.
            film: that of its card.
        """
        snapshots = [
            {key: value.half() for key, value in section(weights, f"snapshots.{i}").items()}
            for i in range(len(film["moments"]) - 1)
        ]
        earlier = Reel(snapshots, film["moments"][:-1], film["curve"])
        return cls(earlier=earlier, start=film["moments"][-1]["passes"])

    @property
    def known(self) -> Reel:
        """All there is so far, of both trainings."""
        return self.reel if self.earlier is None else self.earlier + self.reel

    def record(self, losses: Mapping[str, float], images: int, progress: float) -> None:
        """Count the losses of a step and add a point to the curve if one is due.

        Args:
            losses: and scores, by name.
            images: trained on before the step, by this training.
            progress: of this training, 0 … 1.
        """
        old = self.means or losses
        self.means = {k: MEMORY * old[k] + (1 - MEMORY) * v for k, v in losses.items()}
        if progress >= len(self.reel.curve) / POINTS:
            self.reel.curve.append(self._now(images))

    def due(self, progress: float) -> bool:
        """Whether a snapshot is to be kept now; the last one belongs to the end."""
        kept = len(self.known.snapshots)
        return kept < len(MOMENTS) - 1 and progress >= MOMENTS[kept]

    def keep(self, generator: Mapping[str, Tensor], images: int) -> None:
        """Keep a snapshot, taken after ``images`` of this training."""
        self.reel.snapshots.append(_snapshot(generator))
        self.reel.moments.append(self._now(images))

    def ended(self, generator: Mapping[str, Tensor]) -> Reel:
        """The whole film, if the training ended now with this generator; itself it stays as it is.

        Raises:
            ValueError: nothing was recorded yet.
        """
        known = self.known
        if not known.curve:
            raise ValueError("a film that ends needs a step of training")
        return known + Reel([_snapshot(generator)], [known.curve[-1]])

    def state(self) -> dict[str, Any]:
        """Plain values and tensors to resume from."""
        return {
            "reel": self.reel.state(),
            "earlier": None if self.earlier is None else self.earlier.state(),
            "start": self.start,
            "means": self.means,
        }

    @classmethod
    def resumed(cls, state: Mapping[str, Any]) -> Film:
        """Inverse of :meth:`state`."""
        earlier = None if state["earlier"] is None else Reel(**state["earlier"])
        return cls(Reel(**state["reel"]), earlier, state["start"], state["means"])

    def _now(self, images: int) -> Moment:
        means = {key: round(value, 4) for key, value in self.means.items()}
        return {"passes": self.start + images, **means}


def _snapshot(generator: Mapping[str, Tensor]) -> Snapshot:
    return {key: value.detach().half().cpu().clone() for key, value in generator.items()}
