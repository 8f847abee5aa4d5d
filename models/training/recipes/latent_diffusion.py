"""Recipe of latent diffusion: the pixel recipe on latents, each place weighed by what it shows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.families.latent_diffusion import latent_denoiser
from models.parts.autoencoder import Autoencoder
from models.parts.autoencoder import load as load_autoencoder
from models.parts.clip import load as load_clip
from models.parts.denoiser import Denoiser
from models.procedures.latent_diffusion import LatentDiffusionSampler
from models.training.denoising import Batch, drop_captions, text_features, velocity_loss
from models.training.recipes.autoencoder import FACES
from models.training.recipes.diffusion import DiffusionRecipe


def sensitivity(autoencoder: Autoencoder, latents: Tensor) -> Tensor:
    """How much a change of each place of a latent changes the decoded image.

    The squared norm of the decoder's Jacobian J there, estimated without bias by |Jᵀv|² for one
    random v (Hutchinson, 1989): the metric that pixels induce on latents (Arvanitidis et al.,
    2018). A plain background has little, an eye has much.

    Args:
        latents: [n, channels, H, W].

    Returns:
        [n, 1, H, W] with mean 1 over each latent.
    """
    z = latents.clone().requires_grad_()
    images = autoencoder.decode(z).float()
    (change,) = torch.autograd.grad((images * torch.randn_like(images)).sum(), z)
    squared = change.square().sum(1, keepdim=True)
    return squared / squared.mean((2, 3), keepdim=True)


class LatentDiffusionRecipe(DiffusionRecipe):
    """Faces at 128×128, encoded by the shipped autoencoder."""

    name, family, minutes = "latent-diffusion", "latent_diffusion", 40.0
    lender = "flow-matching"
    """In pixels it has learned what the words mean; the same network finds them in latents."""
    loss = "MSE of the velocity, weighed by the decoder's sensitivity"
    mean, deviation = -1.0, 1.2
    """Less noise than image: a latent's eyes and mouth are settled by its last, small noise."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.autoencoder = load_autoencoder().to(device)
        self.latents = self._encode()
        self.weight = self._weigh()

    def _load(self, seed: int) -> None:
        self.faces = Faces("train", FACES, size=128, device="cpu", seed=seed)
        self.clip = load_clip().to(self.device)

    def _network(self) -> Denoiser:
        return latent_denoiser()

    @torch.no_grad()
    def _encode(self) -> Tensor:
        parts = [
            self.autoencoder.encode(self.faces.take(slice(i, i + 100)).to(self.device))
            for i in range(0, len(self.faces), 100)
        ]
        return torch.cat(parts)

    def _weigh(self) -> Tensor:
        with self.autocast():
            return torch.cat([sensitivity(self.autoencoder, z) for z in self.latents.split(100)])

    def _draw(self) -> Batch:
        rows = self.faces.rng.integers(len(self.faces), size=self.images_per_step)
        captions = drop_captions(self.faces.captions(rows).to(self.device))
        chosen = torch.as_tensor(rows, device=self.device)
        features = text_features(self.clip, captions)
        return Batch(self.latents[chosen], features, self.weight[chosen])

    def _loss(self, batch: Batch, t: Tensor) -> Tensor:
        return velocity_loss(self.net, self.schedule, batch, t)

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
