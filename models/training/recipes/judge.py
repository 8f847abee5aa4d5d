"""Recipes of the attribute judges: cross-entropy on every head, on an unrestricted split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from models.data.dataset import Faces, Landscapes, Pictures
from models.data.fashion import fashion
from models.data.landscapes.world import LANDSCAPES
from models.data.rendering import Portion
from models.parts.judge import Judge, judge_input, judge_loss
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping


def head_accuracies(judge: Judge, pictures: Pictures[Any]) -> dict[str, float]:
    """Share of visible attributes read right, by head."""
    everything = slice(0, len(pictures))
    read = torch.cat([judge.read(part) for part in pictures.parts(256)])
    right, seen = read == pictures.labels(everything), pictures.visible(everything)
    shares = [right[:, i][seen[:, i]].float().mean() for i in range(right.shape[1])]
    return {head: float(share) for head, share in zip(pictures.world.heads, shares, strict=True)}


class JudgeRecipe(Recipe):
    """20,000 pictures of the ``judge`` split for training, its last 2,000 to choose by."""

    name, family, minutes, rate = "judge", "judge", 4.0, 2e-3
    architecture = "judge"
    count, learned = 22_000, 20_000
    portions: ClassVar[tuple[Portion, ...]] = (
        Portion("faces", "judge", count),
        Portion("faces", "test", 5_000),
    )

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self._load(seed)
        self.net = channels_last(self._network(), device)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.998)
        self.optimizers["net"] = torch.optim.AdamW(
            self.net.parameters(), self.rate, (0.9, 0.99), fused=True
        )
        self.images_per_step = 64

    def _load(self, seed: int) -> None:
        self.pictures = self._pictures("judge", self.count, self.device, seed)

    def _pictures(
        self, split: str, count: int, device: str = "cpu", seed: int = 0
    ) -> Pictures[Any]:
        return Faces(split, count, device=device, seed=seed)

    def _network(self) -> Judge:
        return Judge(**self.arguments)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """Cross-entropy of the visible attributes, with a little pixel noise."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        rows = self.pictures.rng.integers(self.learned, size=self.images_per_step)
        images = self.pictures.take(rows)
        images = images + torch.randn_like(images) * 0.1 * torch.rand(
            len(images), 1, 1, 1, device=images.device
        )
        with self.autocast():
            logits = self.net(images)
        loss = judge_loss(logits, self.pictures.labels(rows), self.pictures.visible(rows))
        self.descend("net", loss, step)
        return {"loss": loss.item()}

    def sheet(self) -> Tensor:
        """Pictures of the split it learns."""
        return self.pictures.take(slice(0, 64))

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        shrunk = " shrunk to 32×32" if self.net.side == 32 else ""
        return {
            "data": f"{self.dataset} 64×64{shrunk}, split judge, 20,000 of 22,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": 64, "ema": 0.998,
                       "loss": "sum of the heads' cross-entropies, label smoothing 0.02"},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    def measure(self) -> dict[str, Any]:
        """Accuracy by head on the test split, never seen in training."""
        heads = head_accuracies(self.shipped(Judge), self._pictures("test", 5_000))
        return {
            "test_head_accuracy": {k: round(v, 4) for k, v in heads.items()},
            "test_mean_head_accuracy": round(float(np.mean(list(heads.values()))), 4),
        }


class LandscapeJudgeRecipe(JudgeRecipe):
    """Landscapes, whose birds and boats are too small for 32×32 pixels."""

    name, minutes = "landscape-judge", 7.0
    dataset = "landscapes"
    arguments: ClassVar[Mapping[str, Any]] = {
        "width": 32,
        "classes": [len(values) for values in LANDSCAPES.heads.values()],
        "side": 64,
    }
    portions = (
        Portion("landscapes", "judge", JudgeRecipe.count),
        Portion("landscapes", "test", 5_000),
    )

    def _pictures(
        self, split: str, count: int, device: str = "cpu", seed: int = 0
    ) -> Pictures[Any]:
        return Landscapes(split, count, device=device, seed=seed)


class FashionJudgeRecipe(JudgeRecipe):
    """60,000 photos of clothing and their classes."""

    name, minutes = "fashion-judge", 4.0
    dataset, portions = "fashion", ()
    arguments: ClassVar[Mapping[str, Any]] = {"width": 24, "classes": [10]}

    def _load(self, seed: int) -> None:
        photos = fashion("train")
        self.images = judge_input(photos.images).to(self.device)
        self.labels = photos.labels.to(self.device)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """Cross-entropy of the class, with a little pixel noise and half the photos mirrored."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        rows = torch.randint(len(self.images), (self.images_per_step,), device=self.device)
        images = self.images[rows]
        mirrored = torch.rand(len(rows), 1, 1, 1, device=self.device) < 0.5
        images = torch.where(mirrored, images.flip(-1), images)
        images = images + 0.1 * torch.rand_like(images[:, :1, :1, :1]) * torch.randn_like(images)
        with self.autocast():
            logits = self.net(images)
        labels = self.labels[rows][:, None]
        loss = judge_loss(logits, labels, torch.ones_like(labels, dtype=torch.bool))
        self.descend("net", loss, step)
        return {"loss": loss.item()}

    def sheet(self) -> Tensor:
        """Photos it learns from."""
        return self.images[:64]

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        card = super().describe()
        card["data"] = "Fashion-MNIST 28×28, split train, 60,000"
        card["recipe"]["loss"] = "cross-entropy, label smoothing 0.02"
        return card

    def measure(self) -> dict[str, Any]:
        """Accuracy on the test split."""
        test, judge = fashion("test"), self.shipped(Judge)
        read = torch.cat([judge.read(part)[:, 0] for part in judge_input(test.images).split(500)])
        return {"test_accuracy": round(float((read == test.labels).float().mean()), 4)}
