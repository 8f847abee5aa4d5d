"""Recipes of the three codebooks, which differ in nothing but their quantizers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.pixels import LEVEL
from models.data.rendering import Portion
from models.families.vq_vae import (
    CODES,
    COMMITMENT,
    DECAY,
    PATIENCE,
    SPREAD,
    VQVAE,
    perplexity,
    usage,
    vq_loss,
)
from models.parts.losses import rmse
from models.training.recipe import EMA, Recipe, channels_last, count_parameters, set_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.runtime.checkpoint import Card

BATCH = 16
EMA_DECAY = 0.998
FREE = 0.05
"""Share of the training in which the decoder reads what the encoder puts out, so that there is
something worth a code before codes are chosen."""


class CodebookRecipe(Recipe):
    """50,000 faces; squared error, Laplacian-pyramid L1 and the quantizer's loss."""

    family, minutes, rate = "tokenizer", 12.0, 1e-3
    architecture = "vq-vae"
    bits = 8
    trained_on, tested_on = Portion("faces", "train", 50_000), Portion("faces", "test", 5_000)
    portions = (trained_on, tested_on)
    told: ClassVar[dict[str, Any]] = {}
    """What the card's ``recipe`` says of the quantizer."""

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces(*self.trained_on.part, device, seed)
        self.net = channels_last(VQVAE(**self.arguments), device)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, EMA_DECAY)
        self.optimizers["net"] = torch.optim.AdamW(
            self.net.parameters(), self.rate, (0.9, 0.99), weight_decay=0.0, fused=True
        )
        self.images_per_step = BATCH
        self.free = FREE

    def adopt(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Start from shipped weights, whose outputs are worth codes from the first step on."""
        super().adopt(weights, card)
        self.free = 0.0

    def checkpoint_extras(self) -> dict[str, Any]:
        """When codes begin."""
        return {"free": self.free}

    def resume_extras(self, extras: dict[str, Any]) -> None:
        """Inverse of :meth:`checkpoint_extras`."""
        self.free = extras["free"]

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One step through the codebook, which learns by it or after it."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        images, _ = self.faces.draw(self.images_per_step)
        with self.autocast():
            rebuilt = self.net.rebuild(images, quantized=progress >= self.free)
        loss = vq_loss(images, rebuilt)
        self.descend("net", loss, step)
        self.net.quantizer.update(rebuilt.z, rebuilt.tokens)
        error = (rebuilt.images.detach() - images).square().mean().sqrt()
        counts = usage(rebuilt.tokens)
        return {
            "loss": loss.item(),
            "rmse/255": error.item() / LEVEL,
            "codes": float((counts > 0).sum()),
            "perplexity": perplexity(counts),
        }

    @torch.no_grad()
    def sheet(self) -> Tensor:
        """Originals above reconstructions."""
        images, net = self.faces.take(slice(0, 32)).cpu(), self.shipped(VQVAE)
        return torch.cat([images, net.decode(net.encode(images)[1])])

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces 64×64, split train, 50,000",
            "recipe": {"optimizer": "AdamW, no weight decay", "rate": self.rate, "batch": BATCH,
                       "ema": EMA_DECAY, "loss": "20 MSE + Laplacian-pyramid L1 + quantizer's",
                       "free": self.free, "codes": CODES, "commitment": COMMITMENT,
                       **self.told},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Reconstruction of 5,000 test faces, and how many codes they use and how evenly."""
        net = self.shipped(VQVAE)
        counts, errors = torch.zeros(CODES, dtype=torch.int64), []
        for images in Faces(*self.tested_on.part).parts(250):
            _, tokens = net.encode(images)
            counts += usage(tokens)
            errors.append(rmse(net.decode(tokens), images).square())
        return {
            "test_rmse_255": round(torch.cat(errors).mean().sqrt().item(), 2),
            "codes": CODES,
            "codes_used": round((counts > 0).double().mean().item(), 4),
            "perplexity": round(perplexity(counts), 1),
        }


class PlainCodebook(CodebookRecipe):
    """By gradient alone: it collapses."""

    name = "codebook-plain"
    arguments: ClassVar = {"quantizer": "plain"}
    told: ClassVar = {"first_codes": f"N(0, {SPREAD:g}²)"}


class AverageCodebook(CodebookRecipe):
    """By moving averages and restarts."""

    name = "codebook-ema"
    arguments: ClassVar = {"quantizer": "ema"}
    told: ClassVar = {"first_codes": "outputs", "decay": DECAY, "patience": PATIENCE}


class SimCodebook(CodebookRecipe):
    """By one linear map of random codes."""

    name = "codebook-simvq"
    arguments: ClassVar = {"quantizer": "simvq"}
    told: ClassVar = {"first_codes": "N(0, 1)"}
