"""Diffusion on Fashion-MNIST: pixel diffusion's denoiser, given one of ten classes.

The photos are 28×28 and gray; a black border of two pixels makes them 32×32 for the network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.data.fashion import BORDER, CLASSES
from models.parts.conditions import Conditions
from models.parts.denoiser import Denoiser

SIDE = 32
NO_CLASS = len(CLASSES)


def class_of(prompt: str) -> int:
    """The class that a prompt names, the longest name first; :data:`NO_CLASS` if it names none."""
    text = prompt.lower()
    named = [i for i, name in enumerate(CLASSES) if name in text]
    return max(named, key=lambda i: len(CLASSES[i]), default=NO_CLASS)


def encode_classes(prompts: list[str]) -> Conditions:
    """``label``, int64 [n]: the classes that the prompts name."""
    return Conditions(label=torch.tensor([class_of(prompt) for prompt in prompts]))


class ClassEmbedding(nn.Module):
    """Ten learned classes and "none", each a token and a vector.

    Args:
        token_width, width: of the two.
    """

    def __init__(self, token_width: int, width: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(NO_CLASS + 1, token_width)
        self.pooled = nn.Embedding(NO_CLASS + 1, width)

    def forward(self, label: Tensor) -> Conditions:
        """Labels, int64 [n], up to :data:`NO_CLASS` → what a denoiser reads as a prompt."""
        mask = torch.ones(len(label), 1, dtype=torch.bool, device=label.device)
        return Conditions(tokens=self.tokens(label)[:, None], pooled=self.pooled(label), mask=mask)


class FashionDenoiser(Denoiser):
    """A smaller denoiser of one channel that knows its classes.

    Args:
        width, dim, layers: see :class:`Denoiser`.
    """

    def __init__(self, width: int = 64, dim: int = 192, layers: int = 4) -> None:
        super().__init__(channels=1, patch=2, width=width, dim=dim, layers=layers)
        self.classes = ClassEmbedding(self.token_width, self.text_width)

    def embed_conditions(self, given: Conditions) -> Conditions:
        """What :meth:`denoise` reads of ``label``, int64 [n]."""
        return super().embed_conditions(self.classes(given["label"]))


def as_colors(images: Tensor) -> Tensor:
    """[n, 1, 32, 32] → [n, 3, 28, 28], gray."""
    inner = images[..., BORDER:-BORDER, BORDER:-BORDER]
    return inner.expand(-1, 3, -1, -1)
