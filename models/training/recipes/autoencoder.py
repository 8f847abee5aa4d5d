"""Recipe of the latent diffusion autoencoder: sharp reconstruction, very little KL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.dataset import Faces, Landscapes, Worlds
from models.data.rendering import in_both_worlds
from models.evaluation.distances import sharpness
from models.families.vae import reparameterize
from models.parts.autoencoder import CHANNELS, FACTOR, PIXELS, Autoencoder, reconstruction_loss
from models.parts.losses import gaussian_kl, rmse
from models.training.objectives.sharpening import DecoderRecipe
from models.training.recipe import EMA, channels_last, count_parameters, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

KL_WEIGHT = 1e-4
COUNT = 12_000
"""Pictures of each world."""
TESTED = 500
"""Of each, to measure by."""


class AutoencoderRecipe(DecoderRecipe):
    """12,000 faces and as many landscapes at 128×128.

    Its loss is L1, Laplacian-pyramid L1 and 10⁻⁴ of KL a latent value.
    """

    name, family, minutes, rate = "autoencoder", "autoencoder", 12.0, 1e-3
    architecture = "autoencoder"
    net: Autoencoder
    portions = (
        *in_both_worlds("train", COUNT, PIXELS),
        *in_both_worlds("test", TESTED, PIXELS),
    )

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.pictures = Worlds("train", COUNT, size=PIXELS, device=device, seed=seed)
        self.net = channels_last(self._network(), device)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.998)
        self.optimizers["net"] = torch.optim.AdamW(
            self.net.parameters(), self.rate, (0.9, 0.99), fused=True
        )
        self.images_per_step = 16

    def _network(self) -> Autoencoder:
        return Autoencoder(**self.arguments)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One reconstruction step from a sample of the latent."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        images, _ = self.pictures.draw(self.images_per_step)
        with self.autocast():
            mu, logvar = self.net.moments(images)
            mu, logvar = mu.float(), logvar.float()
            z = reparameterize(mu, logvar, torch.randn_like(mu))
            rebuilt = self.net.decoder(z).float()  # the scale is fitted when training is over
        kl = gaussian_kl(mu, logvar).mean()
        loss = reconstruction_loss(images, rebuilt)
        losses = self.learn(images, rebuilt, loss + KL_WEIGHT * kl, step)
        return {**losses, "loss": loss.item(), "kl/value": kl.item()}

    @torch.no_grad()
    def sheet(self) -> Tensor:
        """Originals above reconstructions."""
        net, images = self.shipped(Autoencoder), self.real(16).cpu()
        return torch.cat([images, net.decode(net.encode(images))])

    def real(self, n: int) -> Tensor:
        """The first pictures of both worlds in turn."""
        return self.pictures.both(n)

    def weights(self) -> Mapping[str, Tensor]:
        """The averaged weights, with scale and colour map fitted to them.

        A decoder that is sharpened alone keeps those of its latents.
        """
        return (self._fitted() if self.looks is None else self.shipped(Autoencoder)).state_dict()

    @torch.no_grad()
    def _fitted(self) -> Autoencoder:
        """With the scale that gives latents unit variance, and the map from them to colours."""
        net, images = self.shipped(Autoencoder), self.real(500).cpu()
        mu = torch.cat([net.moments(part)[0] for part in images.split(50)])
        net.scale.fill_(1.0 / mu.std())
        latents = (mu * net.scale).permute(0, 2, 3, 1).reshape(-1, CHANNELS)
        design = torch.cat([latents, torch.ones(len(latents), 1)], dim=1)
        target = F.avg_pool2d(images, FACTOR).permute(0, 2, 3, 1).reshape(-1, 3)
        net.to_rgb.copy_(torch.linalg.lstsq(design, target).solution)
        return net

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": f"faces and landscapes 128×128, split train, {COUNT:,} of each",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.998, "loss": "L1 + Laplacian-pyramid L1 + KL",
                       "kl_weight": KL_WEIGHT, **self.terms()},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Reconstruction of test pictures of each world at 128×128, and how sharp it is."""
        net, out = self.shipped(Autoencoder), {}
        for kind in (Faces, Landscapes):
            pictures = kind("test", TESTED, size=PIXELS)
            errors, ratios = [], []
            for images in pictures.parts(50):
                rebuilt = net.decode(net.encode(images)).clamp(-1, 1)
                errors.append(rmse(rebuilt, images).square())
                ratios.append(sharpness(rebuilt) / sharpness(images))
            error = torch.cat(errors).mean().sqrt().item()
            out[f"test_rmse_255_{pictures.world.name}"] = round(error, 2)
            out[f"sharpness_{pictures.world.name}"] = round(torch.cat(ratios).median().item(), 3)
        return out
