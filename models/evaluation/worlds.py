"""The captioned worlds that models draw, each with the judge that its pictures are measured by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.data.dataset import Faces, Landscapes, Pictures
from models.data.faces import FACES
from models.data.landscapes.world import LANDSCAPES
from models.parts.judge import Judge
from models.runtime.zoo import network

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.data.world import World
    from models.runtime.checkpoint import Card

READ = 50
"""Images that a judge looks at together."""


@dataclass(frozen=True)
class Real:
    """The first pictures of a split, [n, 3, 64, 64], and their features, [n, 128]."""

    images: Tensor
    features: Tensor


class WorldMeasure:
    """A world of pictures of 64×64 pixels as its judge sees them.

    Args:
        world: what there is to be seen.
        judge: name of the model that reads it.
        pictures: split and count → so many pictures of the world.
    """

    def __init__(
        self, world: World[Any, Any], judge: str, pictures: Callable[[str, int], Pictures[Any]]
    ) -> None:
        self.world, self._judge, self.pictures = world, judge, pictures
        self._real: dict[tuple[str, int], Real] = {}

    @cached_property
    def judge(self) -> Judge:
        """The network, loaded when it is first asked."""
        return network(self._judge, Judge)

    @torch.inference_mode()
    def features(self, images: Tensor) -> Tensor:
        """Of images [n, 3, 64, 64], [n, 128]."""
        return torch.cat([self.judge.features(part.cpu()) for part in images.split(READ)])

    def read(self, images: Tensor) -> Tensor:
        """What images [n, 3, 64, 64] show: class index of every attribute, int64 [n, heads]."""
        return torch.cat([self.judge.read(part.cpu()) for part in images.split(READ)])

    def real(self, split: str, count: int) -> Real:
        """``count`` real pictures of ``test`` or ``train``; they are kept."""
        if (split, count) not in self._real:
            images = self.pictures(split, count).take(slice(0, count))
            self._real[split, count] = Real(images, self.features(images))
        return self._real[split, count]


WORLDS = {
    "faces": WorldMeasure(FACES, "judge", Faces),
    "landscapes": WorldMeasure(LANDSCAPES, "landscape-judge", Landscapes),
}
"""By the names that cards have for them."""


def worlds_of(card: Card) -> list[str]:
    """Which worlds a model draws: those its card names, or the data set that it learned."""
    return list(card.get("worlds", [card["dataset"]]))


def measured_of(card: Card, world: str) -> dict[str, Any]:
    """What was measured of a world that the model draws, to be read or added to.

    For the model's data set that is the block ``measured`` itself, which holds a block for each
    further world under ``worlds``.
    """
    measured: dict[str, Any] = card["measured"]
    if world == card["dataset"]:
        return measured
    block: dict[str, Any] = measured.setdefault("worlds", {}).setdefault(world, {})
    return block
