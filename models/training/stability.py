"""How often does a training fail? Small versions, five seeds, three learning rates each.

python -m models.training.stability FAMILY… [--passes N]

Every family learns faces of 32 pixels from as many images, with its recipe's own optimizer and
loss, at a third of its learning rate, at the rate, and at three times the rate. A run has failed
if its Fréchet distance is more than twice the family's best, or is no number at all. The
transformer keeps the shipped tokenizer, whose tokens stand for 64 pixels; its faces are shrunk.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.dataset import Faces
from models.data.rendering import Portion
from models.evaluation.distances import frechet_distance
from models.evaluation.report import write_report
from models.evaluation.samples import collect
from models.evaluation.worlds import WORLDS
from models.families.autoregressive import TokenGPT
from models.families.flow import Flow
from models.families.gan import Discriminator, Generator, Z
from models.families.vae import VAE
from models.parts.denoiser import Denoiser
from models.procedures.diffusion import DiffusionSampler
from models.procedures.flow import FlowSampler
from models.runtime.checkpoint import load_card, write_card
from models.runtime.hardware import hardware
from models.runtime.zoo import Zoo
from models.training.recipes.autoregressive import AutoregressiveRecipe
from models.training.recipes.diffusion import DiffusionRecipe
from models.training.recipes.flow import FlowRecipe
from models.training.recipes.gan import GANRecipe
from models.training.recipes.vae import VAERecipe

SEEDS = range(5)
FACTORS = (1 / 3, 1.0, 3.0)
PASSES = 10_240
FACES = Portion("faces", "train", 10_000, 32)
BATCH = 16
SAMPLES = 500
FAILED = 2.0
"""A run whose distance is more than this times the best has failed."""

LEVELS = ((4, 96), (8, 80), (16, 48))
TOP = (32, 16)


class SmallVAE(VAERecipe):
    """A latent vector of 64, at beta 1 alone: the bound itself, as the chapter has it."""

    trained_on = FACES

    def _network(self) -> VAE:
        return VAE(64, (48, 96))

    def _betas(self, n: int) -> Tensor:
        return torch.ones(n, device=self.device)

    def draw(self, n: int, seed: int) -> Tensor:
        """Faces from the plain prior."""
        z = torch.randn(n, 64, generator=torch.Generator().manual_seed(seed))
        return self.shipped(VAE).decode(z, torch.ones(n))


class SmallGAN(GANRecipe):
    """Three levels and the last; a game of two, without critics."""

    trained_on = FACES
    batch, criticized = 16, False

    def _networks(self) -> tuple[Generator, Discriminator]:
        return Generator(LEVELS, TOP), Discriminator(LEVELS)

    def draw(self, n: int, seed: int) -> Tensor:
        """Faces of the averaged generator."""
        z = torch.randn(n, Z, generator=torch.Generator().manual_seed(seed))
        generator = self.shipped(Generator)
        faces: Tensor = generator(z, generator.noise_maps(n, z.device))
        return faces


class SmallFlow(FlowRecipe):
    """Four blocks of two layers."""

    trained_on = FACES

    def _network(self) -> Flow:
        return Flow(32, 4, dim=96, layers=2, heads=4)

    def draw(self, n: int, seed: int) -> Tensor:
        """Faces of a slightly cooled density, without guidance."""
        sampler = FlowSampler(self.shipped(Flow))
        request = sampler.request(n=n, seed=seed, temperature=0.9, guidance_scale=1.0)
        return sampler.run(request).images


class SmallAutoregressive(AutoregressiveRecipe):
    """Three layers."""

    trained_on = replace(FACES, size=64)

    def _network(self) -> TokenGPT:
        return TokenGPT(96, 3, 4)

    def draw(self, n: int, seed: int) -> Tensor:
        """Faces without a prompt."""
        sampler = self.sampler()
        return F.avg_pool2d(sampler.run(sampler.request(n=n, seed=seed)).images, 2)


class SmallDiffusion(DiffusionRecipe):
    """Two transformer blocks."""

    trained_on = FACES

    def _network(self) -> Denoiser:
        return Denoiser(patch=2, width=48, dim=128, layers=2)

    def draw(self, n: int, seed: int) -> Tensor:
        """Faces in twenty steps without a prompt."""
        sampler = DiffusionSampler(self.shipped(Denoiser), self.clip, (3, 32, 32))
        return sampler.run(sampler.request(n=n, seed=seed)).images


Small = SmallVAE | SmallGAN | SmallFlow | SmallAutoregressive | SmallDiffusion
FAMILIES: dict[str, type[Small]] = {
    "vae": SmallVAE,
    "gan": SmallGAN,
    "flow": SmallFlow,
    "autoregressive": SmallAutoregressive,
    "diffusion": SmallDiffusion,
}
"""Model whose card takes the result → recipe of its small version."""


@cache
def real() -> Tensor:
    """Features of test faces of 32 pixels."""
    return WORLDS["faces"].features(Faces("test", SAMPLES, 32).take(slice(0, SAMPLES)))


def train(family: str, seed: int, factor: float, passes: int) -> float:
    """Train one small model; the Fréchet distance of its samples, infinite if it broke."""
    recipe = FAMILIES[family]("cpu", seed)
    recipe.rate *= factor
    recipe.images_per_step = BATCH
    steps = passes // BATCH
    for step in range(steps):
        losses = recipe.train_step(step, step / steps)
        if not all(math.isfinite(loss) for loss in losses.values()):
            return math.inf
    images = collect(recipe.draw, SAMPLES)
    if not images.isfinite().all():
        return math.inf
    return frechet_distance(real(), WORLDS["faces"].features(images.clamp(-1, 1)))


def summary(distances: dict[str, list[float]]) -> dict[str, Any]:
    """Share of failed runs, and spread of the others.

    Args:
        distances: by factor of the learning rate, one a seed.

    Returns:
        ``failed`` in 0 … 1; ``spread``, the standard deviation of those that did not fail over
        their mean; ``frechet``, the distances, ``None`` where there is none.
    """
    every = [d for runs in distances.values() for d in runs]
    best = min(every)
    good = [d for d in every if math.isfinite(d) and d <= FAILED * best]
    return {
        "runs": len(every),
        "failed": round(1 - len(good) / len(every), 3),
        "spread": round(statistics.pstdev(good) / statistics.mean(good), 3) if good else 0.0,
        "frechet": {
            factor: [round(d, 1) if math.isfinite(d) else None for d in runs]
            for factor, runs in distances.items()
        },
    }


def study(family: str, passes: int) -> dict[str, Any]:
    """All runs of a family."""
    distances: dict[str, list[float]] = {}
    for factor in FACTORS:
        runs = distances.setdefault(f"{factor:.2g}", [])
        for seed in SEEDS:
            runs.append(train(family, seed, factor, passes))
            print(f"{family}, rate × {factor:.2g}, seed {seed}: {runs[-1]:.1f}", file=sys.stderr)
    return summary(distances)


def main() -> None:
    """Command line: study some families, rewrite their cards and the report."""
    parser = argparse.ArgumentParser(prog="python -m models.training.stability")
    parser.add_argument("families", nargs="+", choices=FAMILIES, metavar="FAMILY",
                        help=", ".join(FAMILIES))  # fmt: skip
    parser.add_argument("--passes", type=int, default=PASSES, help="images a run is trained on")
    args = parser.parse_args()
    for family in args.families:
        known = study(family, args.passes)
        card = load_card(family)
        card["measured"]["stability"] = known | {
            "passes": args.passes,
            "hardware": hardware("cpu"),
            "command": f"python -m models.training.stability {family} --passes {args.passes}",
        }
        write_card(card)
        write_report(Zoo())


if __name__ == "__main__":
    main()
