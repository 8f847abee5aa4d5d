"""Recipe of latent diffusion: the pixel recipe on the latents of both worlds."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from models.data.dataset import Worlds
from models.data.rendering import in_both_worlds
from models.families.diffusion import velocity_loss
from models.families.latent_diffusion import latent_denoiser, sensitivity
from models.parts.autoencoder import PIXELS, Autoencoder
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.procedures.latent_diffusion import LatentDiffusionSampler
from models.runtime.zoo import network
from models.training.denoising import Batch, drop_captions, text_features
from models.training.latents import latents
from models.training.recipe import on_cpu
from models.training.recipes.autoencoder import COUNT
from models.training.recipes.diffusion import DiffusionRecipe

PROBED = 500
"""Latents of each world, whose sensitivity is probed."""


class LatentDiffusionRecipe(DiffusionRecipe):
    """Faces and landscapes at 128×128, encoded by the shipped autoencoder."""

    name, family, minutes, rate = "latent-diffusion", "latent_diffusion", 120.0, 7e-4
    architecture = "latent_diffusion"
    worlds = ("faces", "landscapes")
    needs = ("clip", "autoencoder")
    portions = in_both_worlds("train", COUNT, PIXELS)
    lender = "flow-matching"
    """It has learned in pixels what the words mean; the same network finds that in latents."""
    prompts = (
        "a sunset over mountains",
        "a boat on a lake at night, stars",
        "a cottage in the snow and a rainbow above",
        "a girl with long blonde hair and specs",
    )
    loss = "MSE of the velocity, weighed by the decoder's mean sensitivity in each world"
    mean, deviation = -0.4, 1.2
    """A little less noise than image: a latent's eyes and mouth are settled by small noise."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.autoencoder = network("autoencoder", Autoencoder).to(device)
        self.latents = latents(self.autoencoder, self.pictures, device)
        self.weights_of = self._weigh()

    def _load(self, seed: int) -> None:
        self.pictures = Worlds("train", COUNT, size=PIXELS, seed=seed)
        self.clip = network("clip", CLIP).to(self.device)

    def _network(self) -> Denoiser:
        return latent_denoiser()

    def _weigh(self) -> Tensor:
        """The weight of each place in each world, [worlds, 1, side, side].

        One for all pictures of a world: weights of the picture itself would make the network
        prefer, wherever it cannot know, pictures that weigh much there.
        """
        worlds = self.latents.split(self.pictures.count)
        return torch.cat([self._sensitivity(world[:PROBED]) for world in worlds])

    def _sensitivity(self, chosen: Tensor) -> Tensor:
        places = []
        for part in chosen.split(100):
            probe = torch.randn(len(part), 3, PIXELS, PIXELS, device=self.device)
            with self.autocast():
                places.append(sensitivity(self.autoencoder.decode, part, probe))
        return torch.cat(places).mean(0, keepdim=True)

    def _draw(self) -> Batch:
        rows = self.pictures.rng.integers(len(self.pictures), size=self.images_per_step)
        captions = drop_captions(self.pictures.captions(rows).to(self.device))
        chosen = torch.as_tensor(rows, device=self.device)
        features = text_features(self.clip, captions)
        return Batch(self.latents[chosen], features, self.weights_of[chosen // self.pictures.count])

    def _loss(self, batch: Batch, t: Tensor) -> Tensor:
        net, noise = partial(self.net, given=batch.conditions), torch.randn_like(batch.x0)
        return velocity_loss(net, self.schedule, batch.x0, noise, t, batch.weight)

    def sampler(self) -> LatentDiffusionSampler:
        """Sampler over the averaged weights, on the CPU."""
        autoencoder = on_cpu(self.autoencoder)
        return LatentDiffusionSampler(self.shipped(Denoiser), on_cpu(self.clip), autoencoder)

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        card = super().describe()
        card["data"] = (
            "16×16×4 latents of faces and landscapes 128×128 with spoken captions, split train, "
            f"{COUNT:,} of each"
        )
        return card
