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
from models.training.objectives.alignment import ALIGNED, Alignment, features_of
from models.training.objectives.denoising import (
    DROPOUT,
    Batch,
    drop_captions,
    stratified_times,
    text_features,
)
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, on_cpu, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from models.data.dataset import Worlds
    from models.procedures.guided import GuidedSampler
    from models.runtime.checkpoint import Card

SHEET_PROMPTS = (
    "a laughing person with a red afro, sunglasses and dark skin, wearing a green shirt",
    "a gloomy guy in a blue woolly hat, yellow wall behind him",
    "a girl with long blonde hair and specs",
    "no glasses, blue cap",
)


ALIGNMENT = (
    "; half of 1 - cosine of the second block's tokens, read by an MLP, and CLIP's features of "
    "the clean picture"
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
    aligned: ClassVar[bool] = True
    """Are the inner tokens held against what CLIP sees in the clean pictures?"""
    pictures: Faces | Worlds
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
        if self.aligned:
            self._align()

    def _align(self) -> None:
        self.features = features_of(self.clip, self.pictures, self.device)
        self.alignment = self.modules["alignment"] = Alignment(self.net).to(self.device)
        self.optimizers["net"].add_param_group({"params": [*self.alignment.parameters()]})

    def _load(self, seed: int) -> None:
        self.pictures = Faces(*self.trained_on.part, self.device, seed)
        self.clip = network("clip", CLIP).to(self.device)

    def _network(self) -> Denoiser:
        return Denoiser(**self.arguments)

    def _draw(self) -> Batch:
        """What is noised, with features of fresh captions of it."""
        images, rows = self.pictures.draw(self.images_per_step)
        captions = drop_captions(self.pictures.captions(rows))
        return Batch(images, text_features(self.clip, captions), features=self._seen(rows))

    def _seen(self, rows: np.ndarray) -> Tensor:
        """What CLIP sees in the pictures at ``rows``."""
        return self.features[torch.from_numpy(rows)].to(self.device)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One step of the denoising loss."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        batch = self._draw()
        u = stratified_times(len(batch.x0), self.device)
        t = training_times(u, self.mean, self.deviation)
        with self.autocast():
            loss = self._loss(batch, t)
            if batch.features is not None:
                loss = loss + ALIGNED * self.alignment(batch.features)
        self.descend("net", loss, step)
        return {"loss": loss.item()}

    def _loss(self, batch: Batch, t: Tensor) -> Tensor:
        net = partial(self.net, given=batch.conditions)
        return clean_loss(net, self.schedule, batch.x0, torch.randn_like(batch.x0), t)

    def adopt(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Start from the shipped network; what reads its tokens is not shipped and starts anew."""
        for module in (self.net, self.averages["net"].module):
            module.load_state_dict(dict(weights))

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
                       "ema": 0.9985, "loss": self.loss + ALIGNMENT * self.aligned,
                       "schedule": "cosine, T = 1000",
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
