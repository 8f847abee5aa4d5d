"""Recipe of the VAE's learned prior: a rectified flow over the codes of the training faces."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.rendering import Portion
from models.evaluation.samples import REAL, measure_samples
from models.families.vae import SAMPLING, VAE, reparameterize
from models.families.vae_prior import VAEPrior, flow_loss
from models.procedures.vae import VAESampler
from models.procedures.vae_prior import VAEPriorSampler
from models.runtime.zoo import network
from models.training.recipe import EMA, Recipe, count_parameters, on_cpu, set_rate


class VAEPriorRecipe(Recipe):
    """Samples of q(z|x) of 50,000 faces; logit-normal times, as Stable Diffusion 3."""

    name, family, minutes, rate = "vae-prior", "vae", 6.0, 1e-3
    architecture = "vae_prior"
    needs = ("vae", "judge")
    trained_on = Portion("faces", "train", 50_000)
    portions = (trained_on, *REAL)

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.vae = network("vae", VAE).to(device)
        self.mu, self.logvar = self._encode()
        self.prior = self._network().to(device)
        self.modules["prior"] = self.prior
        self.averages["prior"] = EMA(self.prior, 0.999)
        self.optimizers["prior"] = torch.optim.AdamW(
            self.prior.parameters(), self.rate, (0.9, 0.99), weight_decay=0.01, fused=True
        )
        self.images_per_step = 256

    def _network(self) -> VAEPrior:
        return VAEPrior(**self.arguments)

    @torch.no_grad()
    def _encode(self) -> tuple[Tensor, Tensor]:
        faces = Faces(*self.trained_on.part, self.device)
        parts = [
            self.vae.encode(images, torch.full((len(images),), SAMPLING, device=self.device))
            for images in faces.parts(500)
        ]
        mu, logvar = (torch.cat(rows) for rows in zip(*parts, strict=True))
        return mu, logvar

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One step of the flow's regression, in fp32: the network is small."""
        set_rate(self.optimizers["prior"], self.rate, progress, step)
        rows = torch.randint(len(self.mu), (self.images_per_step,), device=self.device)
        mu, logvar = self.mu[rows], self.logvar[rows]
        z = reparameterize(mu, logvar, torch.randn_like(mu))
        t = torch.randn(len(z), device=self.device).sigmoid()
        loss = flow_loss(self.prior, z, torch.randn_like(z), t)
        self.descend("prior", loss, step)
        return {"loss": loss.item()}

    def sampler(self) -> VAEPriorSampler:
        """Sampler over the averaged weights, on the CPU."""
        return VAEPriorSampler(self.shipped(VAEPrior), on_cpu(self.vae))

    def sheet(self) -> Tensor:
        """32 draws of N(0, I) above 32 of the learned prior."""
        plain, learned = VAESampler(on_cpu(self.vae)), self.sampler()
        above = plain.run(plain.request(n=32, seed=1, beta=SAMPLING))
        below = learned.run(learned.request(n=32, seed=1))
        return torch.cat([above.images, below.images])

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "codes of faces 64×64 by the shipped VAE, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.999, "beta": SAMPLING,
                       "loss": "rectified flow, logit-normal times"},
            "parameters": count_parameters(self.prior),
        }  # fmt: skip

    def measure(self) -> dict[str, Any]:
        """Decoded samples against the test split."""
        sampler = self.sampler()

        def draw(n: int, seed: int) -> Tensor:
            return sampler.run(sampler.request(n=n, seed=seed)).images

        return {"sampling": "Euler, 25 steps", "samples": measure_samples(draw)}
