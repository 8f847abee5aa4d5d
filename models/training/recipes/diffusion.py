"""Recipe of pixel diffusion: x0-prediction on 64×64 faces, conditioned on CLIP's text features."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.rendering import Portion
from models.families.diffusion import CosineSchedule, clean_loss, training_times
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.procedures.diffusion import DiffusionSampler
from models.runtime.zoo import network
from models.training.denoising import (
    DROPOUT,
    Batch,
    drop_captions,
    stratified_times,
    text_features,
)
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, on_cpu, set_rate

if TYPE_CHECKING:
    from models.procedures.guided import GuidedSampler

SHEET_PROMPTS = (
    "a laughing person with a red afro, sunglasses and dark skin, wearing a green shirt",
    "a gloomy guy in a blue woolly hat, yellow wall behind him",
    "a girl with long blonde hair and specs",
    "no glasses, blue cap",
)


class DiffusionRecipe(Recipe):
    """50,000 faces with varied captions, 12% of them dropped."""

    name, family, minutes, rate = "diffusion", "diffusion", 40.0, 1e-3
    architecture = "diffusion"
    bits = 8
    needs: ClassVar[tuple[str, ...]] = ("clip",)
    lender: ClassVar[str | None] = "flow-matching"
    """It predicts images, too, on straight paths; the network goes on from there."""
    trained_on = Portion("faces", "train", 50_000)
    portions: ClassVar[tuple[Portion, ...]] = (trained_on,)
    prompts: ClassVar[tuple[str, ...]] = SHEET_PROMPTS
    loss = "MSE of the clean image over max(sigma, 1/10)^2"
    mean, deviation = 0.5, 1.0
    """Of the times' logits: a little more noise than image, since neighbouring pixels agree."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self._load(seed)
        self.net = channels_last(self._network(), device)
        self.schedule = CosineSchedule()
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.9985)
        self.optimizers["net"] = torch.optim.AdamW(
            self.net.parameters(), self.rate, (0.9, 0.99), weight_decay=0.01, fused=True
        )
        self.images_per_step = 16

    def _load(self, seed: int) -> None:
        self.faces = Faces(*self.trained_on.part, self.device, seed)
        self.clip = network("clip", CLIP).to(self.device)

    def _network(self) -> Denoiser:
        return Denoiser(**self.arguments)

    def _draw(self) -> Batch:
        """What is noised, with features of fresh captions of it."""
        images, rows = self.faces.draw(self.images_per_step)
        return Batch(images, text_features(self.clip, drop_captions(self.faces.captions(rows))))

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One step of the denoising loss."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        batch = self._draw()
        u = stratified_times(len(batch.x0), self.device)
        t = training_times(u, self.mean, self.deviation)
        with self.autocast():
            loss = self._loss(batch, t)
        self.descend("net", loss, step)
        return {"loss": loss.item()}

    def _loss(self, batch: Batch, t: Tensor) -> Tensor:
        net = partial(self.net, given=batch.conditions)
        return clean_loss(net, self.schedule, batch.x0, torch.randn_like(batch.x0), t)

    def sampler(self) -> GuidedSampler[Any]:
        """Sampler over the averaged weights, on the CPU."""
        return DiffusionSampler(self.shipped(Denoiser), on_cpu(self.clip).encode_text)

    def sheet(self) -> Tensor:
        """Eight pictures for each of four prompts, sixteen without one."""
        sampler = self.sampler()
        rows = [
            sampler.run(sampler.request(n=8, seed=i, prompt=p)).images
            for i, p in enumerate(self.prompts)
        ]
        rows.append(sampler.run(sampler.request(n=16, seed=9)).images)
        return torch.cat(rows)

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces 64×64 with spoken captions, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.9985, "loss": self.loss, "schedule": "cosine, T = 1000",
                       "times": f"logit-normal ({self.mean:g}, {self.deviation:g}), "
                                "a quarter of them uniform in 0.9 … 1",
                       "caption_dropout": DROPOUT},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    def measure(self) -> dict[str, Any]:
        """How it is sampled by default; the rest is left to :mod:`models.evaluation`."""
        asked: Any = self.sampler().parameters()
        way = f"{asked.solver}, {asked.num_steps} steps, guidance {asked.guidance_scale:g}"
        return {"sampling": way}
