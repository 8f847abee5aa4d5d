"""Recipe of latent diffusion: the pixel recipe on the latents of both worlds."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.data.captions.tokenizer import tokenizer
from models.data.dataset import Worlds
from models.data.rendering import Portion
from models.families.diffusion import velocity_loss
from models.families.latent_diffusion import latent_denoiser, sensitivity
from models.parts.autoencoder import PIXELS, SIDE, Autoencoder
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.procedures.latent_diffusion import LatentDiffusionSampler
from models.runtime.zoo import network
from models.training.latents import latents
from models.training.objectives.denoising import Batch, drop_captions, text_features
from models.training.objectives.spotlight import boost, named, places
from models.training.recipe import on_cpu
from models.training.recipes.autoencoder import COUNT
from models.training.recipes.diffusion import DiffusionRecipe

PROBED = 500
"""Latents of each world, whose sensitivity is probed."""
LANDSCAPES = 30_000
SHARE = 0.7
"""Of a batch that are landscapes: they have more kinds of things, in more places, than faces."""
STRENGTH = (5.0, 2.0)
"""Of the boost of named things as training begins, and from when the rate begins to fall."""


class LatentDiffusionRecipe(DiffusionRecipe):
    """Faces and landscapes at 128×128, encoded by the shipped autoencoder."""

    name, family, minutes, rate = "latent-diffusion", "latent_diffusion", 120.0, 7e-4
    architecture = "latent_diffusion"
    worlds = ("faces", "landscapes")
    pictures: Worlds
    needs = ("clip", "autoencoder")
    portions = (
        Portion("faces", "train", COUNT, PIXELS),
        Portion("landscapes", "train", LANDSCAPES, PIXELS),
    )
    lender = "flow-matching"
    """It has learned in pixels what the words mean; the same network finds that in latents."""
    prompts = (
        "a sunset over mountains",
        "a boat on a lake at night, stars",
        "a cottage in the snow and a rainbow above",
        "a girl with long blonde hair and specs",
    )
    loss = (
        "MSE of the velocity, weighed by the decoder's mean sensitivity in each world, more "
        "where a thing is that the caption names"
    )
    mean, deviation = -0.1, 1.3
    """Wide: a boat is settled by much noise, a face's eyes by little."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.autoencoder = network("autoencoder", Autoencoder).to(device)
        self.latents = latents(self.autoencoder, self.pictures, device)
        self.weights_of = self._weigh()
        self.things = places("train", len(self.pictures) - self.pictures.count, SIDE)
        self.strength = STRENGTH[0]

    def _load(self, seed: int) -> None:
        self.pictures = Worlds("train", COUNT, PIXELS, seed=seed, landscapes=LANDSCAPES)
        self.clip = network("clip", CLIP).to(self.device)

    def _network(self) -> Denoiser:
        return latent_denoiser()

    def _weigh(self) -> Tensor:
        """The weight of each place in each world, [worlds, 1, side, side].

        One for all pictures of a world: weights of the picture itself would make the network
        prefer, wherever it cannot know, pictures that weigh much there.
        """
        worlds = self.latents.tensor_split([self.pictures.count])
        return torch.cat([self._sensitivity(world[:PROBED]) for world in worlds])

    def _sensitivity(self, chosen: Tensor) -> Tensor:
        places = []
        for part in chosen.split(100):
            probe = torch.randn(len(part), 3, PIXELS, PIXELS, device=self.device)
            with self.autocast():
                places.append(sensitivity(self.autoencoder.decode, part, probe))
        return torch.cat(places).mean(0, keepdim=True)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One step of the denoising loss."""
        first, last = STRENGTH
        self.strength = max(last, first + (last - first) * progress / 0.6)
        return super().train_step(step, progress)

    def _draw(self) -> Batch:
        rows, faces = self._rows(), self.pictures.count
        said = self.pictures.said(rows)
        ids = tokenizer().encode_batch([caption.text for caption in said])
        captions = drop_captions(ids)
        spoken_of = named([caption.claims for caption in said])
        spoken_of &= (captions == ids).all(1, keepdim=True)
        landscape = torch.from_numpy(rows >= faces)
        weights = self.weights_of[landscape.long()]
        things = self.things[torch.from_numpy(rows[rows >= faces] - faces)]
        weights[landscape] *= boost(things, spoken_of[landscape], self.strength).to(self.device)
        features = text_features(self.clip, captions.to(self.device))
        latent = self.latents[torch.from_numpy(rows)]
        return Batch(latent, features, weights, self._seen(rows))

    def _rows(self) -> np.ndarray:
        """Of the pictures of a batch, as many landscapes as :data:`SHARE` says on average."""
        rng, count = self.pictures.rng, self.pictures.count
        landscape = rng.random(self.images_per_step) < SHARE
        return np.where(
            landscape,
            rng.integers(count, len(self.pictures), size=self.images_per_step),
            rng.integers(count, size=self.images_per_step),
        )

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
            f"{COUNT:,} and {LANDSCAPES:,}"
        )
        return card
