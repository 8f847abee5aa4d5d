"""Recipe of the attribute judge: cross-entropy on ten heads, on an unrestricted split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from models.data.attributes import HEADS
from models.data.dataset import Faces
from models.data.fashion import fashion
from models.data.rendering import Portion
from models.parts.judge import Judge, judge_input, judge_loss, visible
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping


def head_accuracies(judge: Judge, images: Tensor, labels: Tensor) -> dict[str, float]:
    """Share of visible attributes read right, by head."""
    read = torch.cat([judge.read(part) for part in images.split(256)])
    right, mask = read == labels, visible(labels)
    return {head: float(right[:, i][mask[:, i]].float().mean()) for i, head in enumerate(HEADS)}


class JudgeRecipe(Recipe):
    """20,000 faces of the ``judge`` split for training, its last 2,000 to choose by."""

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
        self.faces = Faces("judge", self.count, device=self.device, seed=seed)

    def _network(self) -> Judge:
        return Judge(**self.arguments)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """Cross-entropy of the visible attributes, with a little pixel noise."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        rows = self.faces.rng.integers(self.learned, size=self.images_per_step)
        images, labels = self.faces.take(rows), self.faces.labels(rows)
        images = images + torch.randn_like(images) * 0.1 * torch.rand(
            len(images), 1, 1, 1, device=images.device
        )
        with self.autocast():
            logits = self.net(images)
        loss = judge_loss(logits, labels, visible(labels))
        self.descend("net", loss, step)
        return {"loss": loss.item()}

    def sheet(self) -> Tensor:
        """Faces of the split it learns."""
        return self.faces.take(slice(0, 64))

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces 64×64 shrunk to 32×32, split judge, 20,000 of 22,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": 64, "ema": 0.998,
                       "loss": "sum of ten cross-entropies, label smoothing 0.02"},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    def measure(self) -> dict[str, Any]:
        """Accuracy by head on the test split, never seen in training."""
        test = Faces("test", 5_000)
        everything = slice(0, len(test))
        heads = head_accuracies(self.shipped(Judge), test.take(everything), test.labels(everything))
        return {
            "test_head_accuracy": {k: round(v, 4) for k, v in heads.items()},
            "test_mean_head_accuracy": round(float(np.mean(list(heads.values()))), 4),
        }


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
