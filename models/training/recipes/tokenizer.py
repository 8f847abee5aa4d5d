"""Recipe of the FSQ image tokenizer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.pixels import LEVEL
from models.data.rendering import Portion
from models.evaluation.distances import sharpness
from models.parts.judge import FACE_CLASSES, judge_loss
from models.parts.losses import rmse
from models.parts.tokenizer import CODES, GRID, LEVELS, ImageTokenizer, tokenizer_loss
from models.training.objectives.reading import CodeReader
from models.training.objectives.sharpening import DecoderRecipe
from models.training.recipe import EMA, channels_last, count_parameters, set_rate


CLOSE_UPS = (((20, 36), (16, 48), 1.5), ((36, 52), (16, 48), 0.5))
"""Rows and columns where eyes and mouths are, and how much they count beside the whole picture."""


READING = 0.02
"""Weight of how well the attributes are read off the codes, in nats, beside the loss of pixels."""
READER_RATE = 1e-3


def close_up_loss(images: Tensor, rebuilt: Tensor) -> Tensor:
    """The tokenizer's loss of faces [n, 3, 64, 64], and of what of them is small and told apart.

    A wink covers a dozen of 4,096 pixels: an even loss would rather have the shade of a shirt.
    """
    loss = tokenizer_loss(images, rebuilt)
    for rows, columns, weight in CLOSE_UPS:
        part = (..., slice(*rows), slice(*columns))
        loss = loss + weight * tokenizer_loss(images[part], rebuilt[part])
    return loss


class TokenizerRecipe(DecoderRecipe):
    """50,000 faces; squared error plus Laplacian-pyramid L1."""

    name, family, minutes, rate = "tokenizer", "tokenizer", 10.0, 1e-3
    architecture = "tokenizer"
    trained_on, tested_on = Portion("faces", "train", 50_000), Portion("faces", "test", 2_000)
    portions = (trained_on, tested_on)
    net: ImageTokenizer

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.faces = Faces(*self.trained_on.part, device, seed)
        self.net = channels_last(self._network(), device)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.998)
        self.optimizers["net"] = torch.optim.AdamW(
            self.net.parameters(), self.rate, (0.9, 0.99), fused=True
        )
        self.reader = CodeReader(len(LEVELS), GRID, FACE_CLASSES).to(device)
        self.modules["reader"] = self.reader
        self.optimizers["reader"] = torch.optim.AdamW(
            self.reader.parameters(), READER_RATE, (0.9, 0.99), fused=True
        )
        self.images_per_step = 32

    def _network(self) -> ImageTokenizer:
        return ImageTokenizer(**self.arguments)

    def real(self, n: int) -> Tensor:
        """The first training faces."""
        return self.faces.take(slice(0, n))

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        """One reconstruction step through the rounding."""
        set_rate(self.optimizers["net"], self.rate, progress, step)
        images, rows = self.faces.draw(self.images_per_step)
        with self.autocast():
            codes, rebuilt = self.net(images)
            told = self.reader(codes)
        loss = close_up_loss(images, rebuilt.float())
        if self.looks is None:
            reading = judge_loss(told, self.faces.labels(rows), self.faces.visible(rows))
            loss = loss + READING * reading
        losses = self.learn(images, rebuilt.float(), loss, step)
        if self.looks is None:
            self.optimizers["reader"].step()
            self.optimizers["reader"].zero_grad()
            losses["reading"] = reading.item()
        error = (rebuilt.detach().float() - images).square().mean().sqrt()
        return {**losses, "rmse/255": error.item() / LEVEL}

    @torch.no_grad()
    def sheet(self) -> Tensor:
        """Originals above reconstructions."""
        images = self.faces.take(slice(0, 32)).cpu()
        return torch.cat([images, self.shipped(ImageTokenizer)(images)[1]])

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        return {
            "data": "faces 64×64, split train, 50,000",
            "recipe": {"optimizer": "AdamW", "rate": self.rate, "batch": self.images_per_step,
                       "ema": 0.998, "loss": "2 MSE + Laplacian-pyramid L1",
                       "levels": list(LEVELS), **self.terms()},
            "parameters": count_parameters(self.net),
        }  # fmt: skip

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Reconstruction of 2,000 test faces, how sharp it is, and how many codes they use."""
        net = self.shipped(ImageTokenizer)
        used = torch.zeros(CODES, dtype=torch.bool)
        errors, ratios = [], []
        for images in Faces(*self.tested_on.part).parts(250):
            tokens = net.encode(images)
            used[tokens.flatten()] = True
            rebuilt = net.decode(tokens)
            errors.append(rmse(rebuilt, images).square())
            ratios.append(sharpness(rebuilt) / sharpness(images))
        return {
            "test_rmse_255": round(torch.cat(errors).mean().sqrt().item(), 2),
            "sharpness": round(torch.cat(ratios).median().item(), 3),
            "codes": CODES,
            "codes_used": int(used.sum()),
        }
