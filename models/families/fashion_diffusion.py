"""Diffusion on Fashion-MNIST: pixel diffusion's denoiser, given one of ten classes.

The photos are 28×28 and gray; a black border of two pixels makes them 32×32 for the network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.data.fashion import BORDER, CLASSES
from models.parts.clip import TOKEN_WIDTH, WIDTH, TextFeatures
from models.parts.denoiser import Denoiser

SIDE = 32
NO_CLASS = len(CLASSES)


def class_of(prompt: str) -> int:
    """The class that a prompt names, the longest name first; :data:`NO_CLASS` if it names none."""
    text = prompt.lower()
    named = [i for i, name in enumerate(CLASSES) if name in text]
    return max(named, key=lambda i: len(CLASSES[i]), default=NO_CLASS)


class ClassReader(nn.Module):
    """Ten learned classes and "none", in the place of CLIP's text features."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(NO_CLASS + 1, TOKEN_WIDTH)
        self.pooled = nn.Embedding(NO_CLASS + 1, WIDTH)

    def forward(self, labels: Tensor) -> TextFeatures:
        """Labels, int64 [n], up to :data:`NO_CLASS` → features of one token each."""
        mask = torch.ones(len(labels), 1, dtype=torch.bool, device=labels.device)
        return TextFeatures(self.tokens(labels)[:, None], self.pooled(labels), mask)

    @torch.inference_mode()
    def encode_text(self, prompts: list[str]) -> TextFeatures:
        """Features of the classes that the prompts name."""
        features: TextFeatures = self(torch.tensor([class_of(p) for p in prompts]))
        return features


class FashionDenoiser(Denoiser):
    """A smaller denoiser of one channel that knows its classes."""

    def __init__(self) -> None:
        super().__init__(channels=1, patch=2, width=64, dim=192, layers=4)
        self.classes = ClassReader()


def as_colors(images: Tensor) -> Tensor:
    """[n, 1, 32, 32] → [n, 3, 28, 28], gray."""
    inner = images[..., BORDER:-BORDER, BORDER:-BORDER]
    return inner.expand(-1, 3, -1, -1)
