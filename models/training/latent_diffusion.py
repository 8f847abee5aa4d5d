"""Recipe of latent diffusion: the pixel recipe on latents computed once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.autoencoder import load as load_autoencoder
from models.clip import TextFeatures
from models.clip import load as load_clip
from models.denoiser import Denoiser
from models.latent_diffusion import LatentDiffusionSampler, latent_denoiser
from models.training.autoencoder import FACES
from models.training.data import Faces
from models.training.denoising import drop_captions, text_features, velocity_loss
from models.training.diffusion import DiffusionRecipe


class LatentDiffusionRecipe(DiffusionRecipe):
    """Faces at 128×128, encoded by the shipped autoencoder."""

    name, family, minutes = "latent-diffusion", "latent_diffusion", 40.0
    loss = "MSE of the velocity"
    mean, deviation = -1.0, 1.2
    """Less noise than image: a latent's eyes and mouth are settled by its last, small noise."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.autoencoder = load_autoencoder().to(device)
        self.latents = self._encode()

    def _load(self, seed: int) -> None:
        self.faces = Faces("train", FACES, size=128, device="cpu", seed=seed)
        self.clip = load_clip().to(self.device)

    def _network(self) -> Denoiser:
        return latent_denoiser()

    @torch.inference_mode()
    def _encode(self) -> Tensor:
        parts = [
            self.autoencoder.encode(self.faces.take(slice(i, i + 100)).to(self.device))
            for i in range(0, len(self.faces), 100)
        ]
        return torch.cat(parts)

    def _draw(self) -> tuple[Tensor, TextFeatures]:
        rows = self.faces.rng.integers(len(self.faces), size=self.images_per_step)
        # Cloned, since what inference mode made may not enter a graph.
        latents = self.latents[torch.as_tensor(rows, device=self.device)].clone()
        captions = drop_captions(self.faces.captions(rows).to(self.device))
        return latents, text_features(self.clip, captions)

    def _loss(self, x0: Tensor, t: Tensor, text: TextFeatures) -> Tensor:
        return velocity_loss(self.net, self.schedule, x0, t, text)

    def sampler(self) -> LatentDiffusionSampler:
        """Sampler over the averaged weights, on the CPU."""
        net = self.averages["net"].module
        assert isinstance(net, Denoiser)
        return LatentDiffusionSampler(net.float().cpu(), self.clip.cpu(), self.autoencoder.cpu())

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        card = super().describe()
        card["data"] = (
            f"16×16×4 latents of faces 128×128 with varied captions, split train, {FACES:,}"
        )
        return card
