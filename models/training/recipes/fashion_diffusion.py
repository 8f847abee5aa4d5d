"""Recipe of diffusion on Fashion-MNIST: the faces' recipe with classes for captions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.data.fashion import CLASSES, add_border, fashion
from models.families.fashion_diffusion import NO_CLASS, FashionDenoiser
from models.parts.conditions import Conditions
from models.procedures.fashion_diffusion import FashionDiffusionSampler
from models.training.objectives.denoising import DROPOUT, Batch
from models.training.recipes.diffusion import DiffusionRecipe

if TYPE_CHECKING:
    from models.parts.denoiser import Denoiser


class FashionDiffusionRecipe(DiffusionRecipe):
    """60,000 photos of clothing with their classes, 12% of them dropped."""

    architecture, dataset = "fashion_diffusion", "fashion"
    name, minutes, lender, needs = "fashion-diffusion", 25.0, None, ()
    portions = ()
    aligned = False
    """No CLIP has seen clothing."""
    mean, deviation = 0.0, 1.2
    """Less noise than for faces: photos are smaller and have texture."""

    def _load(self, seed: int) -> None:
        photos = fashion("train")
        self.photos = add_border(photos.images).to(self.device)
        self.labels = photos.labels.to(self.device)

    def _network(self) -> Denoiser:
        return FashionDenoiser()

    def _draw(self) -> Batch:
        rows = torch.randint(len(self.photos), (self.images_per_step,), device=self.device)
        dropped = torch.rand(len(rows), device=self.device) < DROPOUT
        label = self.labels[rows].masked_fill(dropped, NO_CLASS)
        return Batch(self.photos[rows], Conditions(label=label))

    def sampler(self) -> FashionDiffusionSampler:
        """Sampler over the averaged weights, on the CPU."""
        return FashionDiffusionSampler(self.shipped(FashionDenoiser))

    def sheet(self) -> Tensor:
        """Eight photos of each class."""
        sampler = self.sampler()
        rows = [
            sampler.run(sampler.request(n=8, seed=i, prompt=name)).images
            for i, name in enumerate(CLASSES)
        ]
        return torch.cat(rows)

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return super().describe() | {"data": "Fashion-MNIST 28×28, split train, 60,000"}
