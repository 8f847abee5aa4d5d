"""Recipe of latent diffusion: the pixel recipe on latents, each place weighted by what it shows."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.rendering import Portion
from models.families.diffusion import velocity_loss
from models.families.latent_diffusion import latent_denoiser, sensitivity
from models.parts.autoencoder import PIXELS, Autoencoder
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.procedures.latent_diffusion import LatentDiffusionSampler
from models.runtime.zoo import network
from models.training.denoising import Batch, drop_captions, text_features
from models.training.recipe import on_cpu
from models.training.recipes.autoencoder import FACES
from models.training.recipes.diffusion import DiffusionRecipe


class LatentDiffusionRecipe(DiffusionRecipe):
    """Faces at 128×128, encoded by the shipped autoencoder."""

    name, family, minutes = "latent-diffusion", "latent_diffusion", 40.0
    architecture = "latent_diffusion"
    needs = ("clip", "autoencoder")
    portions = (Portion("faces", "train", FACES, 128),)
    lender = "flow-matching"
    """It has learned in pixels what the words mean; the same network finds that in latents."""
    loss = "MSE of the velocity, weighed by the decoder's sensitivity"
    mean, deviation = -1.0, 1.2
    """Less noise than image: a latent's eyes and mouth are settled by its last, small noise."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.autoencoder = network("autoencoder", Autoencoder).to(device)
        self.latents = self._encode()
        self.weight = self._weigh()

    def _load(self, seed: int) -> None:
        self.faces = Faces("train", FACES, size=128, device="cpu", seed=seed)
        self.clip = network("clip", CLIP).to(self.device)

    def _network(self) -> Denoiser:
        return latent_denoiser()

    @torch.no_grad()
    def _encode(self) -> Tensor:
        parts = self.faces.parts(100)
        return torch.cat([self.autoencoder.encode(part.to(self.device)) for part in parts])

    def _weigh(self) -> Tensor:
        with self.autocast():
            return torch.cat([self._sensitivity(part) for part in self.latents.split(100)])

    def _sensitivity(self, latents: Tensor) -> Tensor:
        probe = torch.randn(len(latents), 3, PIXELS, PIXELS, device=self.device)
        return sensitivity(self.autoencoder.decode, latents, probe)

    def _draw(self) -> Batch:
        rows = self.faces.rng.integers(len(self.faces), size=self.images_per_step)
        captions = drop_captions(self.faces.captions(rows).to(self.device))
        chosen = torch.as_tensor(rows, device=self.device)
        features = text_features(self.clip, captions)
        return Batch(self.latents[chosen], features, self.weight[chosen])

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
            f"16×16×4 latents of faces 128×128 with varied captions, split train, {FACES:,}"
        )
        return card
