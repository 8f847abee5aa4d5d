"""Recipe of the VAE: the evidence lower bound with a calibrated decoder."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.pixels import LEVEL
from models.data.rendering import Portion
from models.evaluation.samples import REAL, measure_samples
from models.families.vae import LATENT, VAE, kl_divergence, reparameterize, sigma_vae_loss
from models.parts.losses import rmse
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

KL_WEIGHT = 1.0


class VAERecipe(Recipe):
    """50,000 faces; loss = (D/2) log MSE + KL, the sigma-VAE form of the bound."""

    name, family, minutes, rate = "vae", "vae", 12.0, 1e-3
    architecture = "vae"
    bits, needs = 8, ("judge",)
    trained_on, tested_on = Portion("faces", "train", 50_000), Portion("faces", "test", 2_000)
    portions = (trained_on, tested_on, *REAL)

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces(*self.trained_on.part, device, seed)
        self.vae = channels_last(self._network(), device)
        self.modules["vae"] = self.vae
        self.averages["vae"] = EMA(self.vae, 0.998)
        self.optimizers["vae"] = torch.optim.AdamW(
            self.vae.parameters(), self.rate, (0.9, 0.99), fused=True
        )
        self.images_per_step = 64

    def _network(self) -> VAE:
        return VAE(**self.arguments)

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One step of the negative bound in nats a pixel value."""
        set_rate(self.optimizers["vae"], self.rate, progress, step)
        images, _ = self.faces.draw(self.images_per_step)
        with self.autocast():
            mu, logvar = self.vae.encode(images)
            mu, logvar = mu.float(), logvar.float()
            rebuilt = self.vae.decode(reparameterize(mu, logvar, torch.randn_like(mu)))
        rebuilt = rebuilt.float()
        self.descend("vae", sigma_vae_loss(images, rebuilt, mu, logvar, KL_WEIGHT), step)
        with torch.no_grad():
            error = (rebuilt - images).square().mean().sqrt().item() / LEVEL
            return {"rmse/255": error, "kl": kl_divergence(mu, logvar).mean().item()}

    @torch.no_grad()
    def sheet(self) -> Tensor:
        """Sixteen originals, their reconstructions, an interpolation, prior samples."""
        vae, images = self.shipped(VAE), self.faces.take(slice(0, 16)).cpu()
        mu, _ = vae.encode(images)
        line = torch.lerp(mu[:1], mu[1:2], torch.linspace(0, 1, 8)[:, None])
        prior = torch.randn(32, vae.latent)
        return torch.cat([images, vae.decode(torch.cat([mu, line, prior]))])

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces 64×64, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": 64, "ema": 0.998,
                       "loss": "(D/2) log MSE + KL (sigma-VAE)", "kl_weight": KL_WEIGHT,
                       "latent": LATENT},
            "parameters": count_parameters(self.vae),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Test reconstruction from the mean, KL, and prior samples against the test split."""
        vae = self.shipped(VAE)
        errors, kls = [], []
        for images in Faces(*self.tested_on.part).parts(250):
            mu, logvar = vae.encode(images)
            errors.append(rmse(vae.decode(mu).clamp(-1, 1), images).square())
            kls.append(kl_divergence(mu, logvar))

        def draw(n: int, seed: int) -> Tensor:
            z = torch.randn(n, vae.latent, generator=torch.Generator().manual_seed(seed))
            return vae.decode(z).clamp(-1, 1)

        return {
            "test_rmse_255": round(torch.cat(errors).mean().sqrt().item(), 2),
            "test_kl_nats": round(torch.cat(kls).mean().item(), 1),
            "samples": measure_samples(draw),
        }
