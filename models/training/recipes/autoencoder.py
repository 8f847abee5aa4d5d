"""Recipe of the latent diffusion autoencoder: sharp reconstruction, a whisper of KL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.dataset import Faces
from models.parts.autoencoder import CHANNELS, FACTOR, Autoencoder
from models.parts.losses import laplacian_pyramid_loss, rmse
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

KL_WEIGHT = 1e-4
FACES = 12_000


class AutoencoderRecipe(Recipe):
    """12,000 faces at 128×128; L1, Laplacian-pyramid L1 and 10⁻⁴ of KL a latent value."""

    name, family, minutes, rate = "autoencoder", "autoencoder", 12.0, 1e-3

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces("train", FACES, size=128, device=device, seed=seed)
        self.net = channels_last(Autoencoder(), device)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.998)
        self.optimizers["net"] = torch.optim.AdamW(
            self.net.parameters(), self.rate, (0.9, 0.99), fused=True
        )
        self.images_per_step = 16

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One reconstruction step from a sample of the latent."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        images, _ = self.faces.draw(self.images_per_step)
        with self.autocast():
            mu, logvar = self.net.moments(images)
            mu, logvar = mu.float(), logvar.float()
            z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
            rebuilt = self.net.decoder(z).float()  # the scale is fitted when training is over
        kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).mean()
        loss = (rebuilt - images).abs().mean() + laplacian_pyramid_loss(rebuilt, images)
        self.descend("net", loss + KL_WEIGHT * kl, step)
        return {"loss": loss.item(), "kl/value": kl.item()}

    @property
    def _shipped(self) -> Autoencoder:
        net = self.averages["net"].module
        assert isinstance(net, Autoencoder)
        return net

    @torch.inference_mode()
    def sheet(self) -> Tensor:
        """Originals above reconstructions."""
        images = self.faces.take(slice(0, 16))
        return torch.cat([images, self._shipped.decode(self._shipped.encode(images))])

    @torch.inference_mode()
    def _calibrate(self) -> None:
        """Set the latent's scale to unit variance, and the linear map from latents to colours."""
        net = self._shipped
        images = self.faces.take(slice(0, 500))
        mu = torch.cat([net.moments(part)[0] for part in images.split(50)])
        net.scale.fill_(1.0 / mu.std())
        latents = (mu * net.scale).permute(0, 2, 3, 1).reshape(-1, CHANNELS)
        design = torch.cat([latents, torch.ones(len(latents), 1, device=latents.device)], dim=1)
        target = F.avg_pool2d(images, FACTOR).permute(0, 2, 3, 1).reshape(-1, 3)
        net.to_rgb.copy_(torch.linalg.lstsq(design, target).solution)

    def weights(self) -> Mapping[str, Tensor]:
        """The averaged weights, with scale and colour map fitted to them."""
        self._calibrate()
        return self._shipped.state_dict()

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": f"faces 128×128, split train, {FACES:,}",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.998, "loss": "L1 + Laplacian-pyramid L1 + KL",
                       "kl_weight": KL_WEIGHT},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    @torch.inference_mode()
    def measure(self) -> dict[str, Any]:
        """Reconstruction of 500 test faces at 128×128."""
        test = Faces("test", 500, size=128, device=self.device)
        errors = []
        for start in range(0, 500, 50):
            images = test.take(slice(start, start + 50))
            rebuilt = self._shipped.decode(self._shipped.encode(images)).clamp(-1, 1)
            errors.append(rmse(rebuilt, images).square())
        return {"test_rmse_255": round(torch.cat(errors).mean().sqrt().item(), 2)}
