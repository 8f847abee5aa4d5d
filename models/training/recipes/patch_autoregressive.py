"""Recipe of the autoregressive model of raw pixels: maximum likelihood on Fashion-MNIST."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from models.data.fashion import fashion
from models.evaluation.likelihood import BATCH
from models.families.patch_autoregressive import PatchGPT, patchify, pixel_nats, to_levels
from models.procedures.patch_autoregressive import PatchSampler
from models.training.recipe import EMA, Recipe, count_parameters, set_rate


class PatchAutoregressiveRecipe(Recipe):
    """60,000 photos of clothing."""

    name, family, minutes, rate = "fashion-autoregressive", "autoregressive", 40.0, 2e-3
    architecture, dataset = "patch_autoregressive", "fashion"
    bits = 8

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.patches = patchify(to_levels(fashion("train").images[:, 0])).to(device, torch.uint8)
        self.net = self._network().to(device)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.998)
        self.optimizers["net"] = torch.optim.AdamW(
            self.net.parameters(), self.rate, (0.9, 0.98), weight_decay=0.05, fused=True
        )
        self.images_per_step = 16

    def _network(self) -> PatchGPT:
        return PatchGPT(**self.arguments)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """Cross-entropy of all 784 pixels."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        rows = torch.randint(len(self.patches), (self.images_per_step,), device=self.device)
        patches = self.patches[rows].long()
        with self.autocast():
            logits = self.net(patches)
        loss = pixel_nats(logits, patches).mean()
        self.descend("net", loss, step)
        return {"bits/dim": loss.item() / math.log(2)}

    def sheet(self) -> Tensor:
        """Samples at temperature 1."""
        sampler = PatchSampler(self.shipped(PatchGPT))
        return sampler.run(sampler.request(n=32, seed=1)).images

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "Fashion-MNIST 28×28, split train, 60,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.998, "loss": "cross-entropy of 8-bit pixels"},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Exact bits/dim of the test split."""
        net = self.shipped(PatchGPT)
        bits = torch.cat([net.bits_per_dim(p) for p in fashion("test").images.split(BATCH)])
        return {"likelihood": {"kind": "exact", "bits_per_dim": round(bits.mean().item(), 3),
                               "count": len(bits)}}  # fmt: skip
