"""What an attribute judge does for a request: read pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.parts.judge import FEATURES, Judge
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.parameters import Parameters
from models.runtime.sampler import Input, Request, Sampler, State, View, deal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.runtime.checkpoint import Checkpoint

SHAPE = (3, 64, 64)


@dataclass
class Reading(State):
    """Pictures and, once they were seen, what the judge makes of each.

    Attributes:
        images: [n, 3, 64, 64].
        classes: the most likely one of each head, int64 [n, heads].
        features: before the heads, [n, 128].
    """

    images: Tensor
    classes: Tensor
    features: Tensor


class JudgeReading(Sampler[Reading, Parameters]):
    """Given pictures → their attributes, and the features in which pictures are compared.

    Args:
        judge: sees them.
    """

    takes = ("images",)

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    @property
    def inputs(self) -> dict[str, Input]:
        """Pictures, which the judge shrinks to what it looks at."""
        return {"images": Input(SHAPE)}

    def start(self, request: Request[Parameters]) -> Reading:
        """Not yet seen."""
        images = self.given(request, "images")
        classes = torch.zeros(request.n, len(self.judge.heads), dtype=torch.int64)
        return Reading(request, 0, 1, images, classes, torch.zeros(request.n, FEATURES))

    def step(self, states: Sequence[Reading]) -> None:
        """See all pictures at once."""
        features = self.judge.features(torch.cat([state.images for state in states]))
        classes = [head(features).argmax(1) for head in self.judge.heads]
        deal(states, features=features, classes=torch.stack(classes, dim=1))

    def preview(self, state: Reading) -> View:
        """The pictures; extras ``classes`` [n, heads] and ``features`` [n, 128]."""
        return View(state.images, {"classes": state.classes, "features": state.features})


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """A trained judge."""
    judge = checkpoint.build(Judge)
    return Model(judge, {"read": JudgeReading(judge)})


ARCHITECTURE = Architecture("judge", "judge", load, {"read": JudgeReading})
