"""Recipe of the VAE: the evidence lower bound with a calibrated decoder, at every beta."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.pixels import LEVEL
from models.data.rendering import Portion
from models.evaluation.samples import REAL, measure_samples
from models.families.vae import BETAS, LATENT, SAMPLING, VAE, in_use, kl_divergence, sigma_vae_loss
from models.parts.losses import gaussian_kl, rmse
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)
"""Betas of the sample sheet and of the card's curve."""


class VAERecipe(Recipe):
    """50,000 faces; loss = ½ log MSE + beta · KL / D of each, beta log-uniform."""

    name, family, minutes, rate = "vae", "vae", 12.0, 1e-3
    architecture = "vae"
    defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {"sample": {"beta": SAMPLING}}
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
        """One step of the weighted bound in nats a pixel value."""
        set_rate(self.optimizers["vae"], self.rate, progress, step)
        images, _ = self.faces.draw(self.images_per_step)
        betas = self._betas(len(images))
        epsilon = torch.randn(len(images), self.vae.latent, device=self.device)
        with self.autocast():
            rebuilt, mu, logvar = (out.float() for out in self.vae(images, betas, epsilon))
        self.descend("vae", sigma_vae_loss(images, rebuilt, mu, logvar, betas).mean(), step)
        with torch.no_grad():
            error = (rebuilt - images).square().mean().sqrt().item() / LEVEL
            return {"rmse/255": error, "kl": kl_divergence(mu, logvar).mean().item()}

    def _betas(self, n: int) -> Tensor:
        """Log-uniform and evenly spread, so that every batch has some of each size, [n]."""
        low, high = map(math.log, BETAS)
        place = (torch.arange(n, device=self.device) + torch.rand(n, device=self.device)) / n
        return (low + (high - low) * place).exp()

    @torch.no_grad()
    def sheet(self) -> Tensor:
        """Eight originals; at every beta shown their reconstructions, then eight prior samples."""
        vae, images = self.shipped(VAE), self.faces.take(slice(0, 8)).cpu()
        prior = torch.randn(len(images), vae.latent)
        rebuilt, drawn = [], []
        for beta in SHOWN:
            betas = torch.full((len(images),), beta)
            rebuilt.append(vae.decode(vae.encode(images, betas)[0], betas))
            drawn.append(vae.decode(prior, betas))
        return torch.cat([images, *rebuilt, *drawn])

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces 64×64, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": 64, "ema": 0.998,
                       "loss": "½ log MSE + β KL / D of each image (sigma-VAE)",
                       "beta": f"log-uniform, {BETAS[0]:g} to {BETAS[1]:g}", "latent": LATENT},
            "parameters": count_parameters(self.vae),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Test reconstruction from the mean and KL by beta; prior samples at the best one."""
        vae = self.shipped(VAE)
        rates = [self._rate(vae, beta) for beta in SHOWN]
        bound = rates[SHOWN.index(1.0)]

        def draw(n: int, seed: int) -> Tensor:
            z = torch.randn(n, vae.latent, generator=torch.Generator().manual_seed(seed))
            return vae.decode(z, torch.full((n,), SAMPLING)).clamp(-1, 1)

        return {
            "test_rmse_255": bound["rmse_255"],
            "test_kl_nats": bound["kl_nats"],
            "rates": rates,
            "samples": measure_samples(draw),
        }

    def _rate(self, vae: VAE, beta: float) -> dict[str, float]:
        """What codes cost at one beta, and what is lost."""
        errors, nats = [], []
        for images in Faces(*self.tested_on.part).parts(250):
            betas = torch.full((len(images),), beta)
            mu, logvar = vae.encode(images, betas)
            errors.append(rmse(vae.decode(mu, betas).clamp(-1, 1), images).square())
            nats.append(gaussian_kl(mu, logvar))
        each = torch.cat(nats).mean(0)
        return {
            "beta": beta,
            "rmse_255": round(torch.cat(errors).mean().sqrt().item(), 2),
            "kl_nats": round(each.sum().item(), 1),
            "in_use": int(in_use(each)),
        }
