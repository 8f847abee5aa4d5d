"""A small CLIP (Radford et al., "Learning Transferable Visual Models From Natural Language
Supervision", 2021): a text transformer and an image encoder that agree on which caption belongs
to which picture. Its text features steer the diffusion models.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.data.captions.tokenizer import MAX_TOKENS, Tokenizer, tokenizer
from models.parts.conditions import Conditions
from models.parts.transformer import Transformer

WIDTH = 128
TOKEN_WIDTH = 2 * WIDTH
STAGE = 6
"""Layers of the image encoder before its map is halved: two convolutions, normed and activated."""


class TextEncoder(nn.Module):
    """Bidirectional transformer over caption tokens, pooled at the end token."""

    def __init__(self, vocabulary: int, width: int = WIDTH, layers: int = 3) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        # As large as the words: a reader of the features has to find which colour stands where.
        self.position = nn.Parameter(torch.randn(MAX_TOKENS, width) * 0.5)
        self.blocks = Transformer(width, 4, layers)
        self.norm = nn.LayerNorm(width)

    def forward(self, ids: Tensor) -> Conditions:
        """What it says of n prompts.

        Args:
            ids: of their tokens, int64 [n, m], m at most MAX_TOKENS.

        Returns:
            ``tokens`` [n, m, TOKEN_WIDTH], one vector a word: what the transformer says of
            it, then the word and its place as they went in; ``pooled`` [n, WIDTH], one vector a
            prompt; ``mask``, true where a token is not padding, bool [n, m].
        """
        mask = ids != Tokenizer.pad
        words = self.embed(ids) + self.position[: ids.shape[1]]
        x = self.norm(self.blocks(words, mask=mask[:, None, None, :]))
        ends = (ids == Tokenizer.end).int().argmax(dim=1)
        pooled = x[torch.arange(len(x)), ends]
        return Conditions(tokens=torch.cat([x, words], -1), pooled=pooled, mask=mask)


class ImageEncoder(nn.Module):
    """Convolutions over a picture shrunk to 32×32 and folded to 16×16, then a linear map."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        channels = (12, 64, 128, 192)
        layers: list[nn.Module] = [nn.PixelUnshuffle(2)]
        for i, (a, b) in enumerate(itertools.pairwise(channels)):
            layers += [nn.Conv2d(a, b, 3, padding=1, stride=2 if i else 1)]
            layers += [nn.GroupNorm(8, b), nn.SiLU()]
            layers += [nn.Conv2d(b, b, 3, padding=1), nn.GroupNorm(8, b), nn.SiLU()]
        self.trunk = nn.Sequential(*layers)
        self.project = nn.Linear(channels[-1] * 16, width)

    def forward(self, images: Tensor) -> Tensor:
        """[n, 3, H, W] in [-1, 1], H = W a multiple of 32 → [n, width]."""
        return self.stages(images)[-1]

    def stages(self, images: Tensor) -> list[Tensor]:
        """What each stage sees: maps [n, c, s, s] of 16, 8 and 4 positions a side, and the answer.

        Args:
            images: as of :meth:`forward`.
        """
        factor = images.shape[-1] // 32
        x = F.avg_pool2d(images, factor) if factor > 1 else images
        seen: list[Tensor] = []
        for i, layer in enumerate(self.trunk):
            x = layer(x)
            if i and i % STAGE == 0:
                seen.append(x)
        return [*seen, self.project(x.flatten(1))]


class CLIP(nn.Module):
    """The pair of encoders and the learned temperature of their agreement."""

    def __init__(self) -> None:
        super().__init__()
        self.text = TextEncoder(len(tokenizer()))
        self.image = ImageEncoder()
        self.logit_scale = nn.Parameter(torch.tensor(2.6))

    def similarity(self, images: Tensor, ids: Tensor) -> Tensor:
        """Scaled cosine of every image with every caption, [images, captions]."""
        return self.agreement(self.image(images), self.text(ids)["pooled"])

    def agreement(self, images: Tensor, captions: Tensor) -> Tensor:
        """The same of what the encoders made of them, [images, WIDTH] and [captions, WIDTH]."""
        seen, said = (F.normalize(x.float(), dim=1) for x in (images, captions))
        return self.logit_scale.clamp(max=4.6).exp() * seen @ said.T

    @torch.inference_mode()
    def encode_text(self, prompts: list[str]) -> Conditions:
        """Features of prompts, see :class:`TextEncoder`; unknown words are left out."""
        features: Conditions = self.text(tokenizer().encode_batch(prompts))
        return features


def contrastive_loss(logits: Tensor, also_true: Tensor) -> Tensor:
    """Symmetric InfoNCE over [n, m] logits with the pairs on the diagonal.

    Args:
        logits: similarity of image i and caption j; captions beyond the n-th belong to no image
            and only make the choice harder.
        also_true: bool [n, m], caption j is true of image i; off the diagonal such a pair is no
            negative and is left out.
    """
    n, m = logits.shape
    diagonal = torch.eye(n, m, dtype=torch.bool, device=logits.device)
    masked = logits.masked_fill(also_true & ~diagonal, -torch.inf)
    target = torch.arange(n, device=logits.device)
    return 0.5 * (F.cross_entropy(masked, target) + F.cross_entropy(masked[:, :n].T, target))
