"""Autoregressive transformer over caption words, then image tokens, as DALL-E.

Ramesh et al., "Zero-Shot Text-to-Image Generation", 2021. The factorization is
p(image | caption) = Π p(token_i | caption, token_<i): a decoder-only transformer reads 32 caption
words, then up to 64 image tokens, and predicts the next image token. It learns from pictures what
words look like, not what they mean: each comes with what a frozen text encoder says of it (Yu et
al., "Scaling Autoregressive Models for Content-Rich Text-to-Image Generation", 2022). Keys and
values of what was read are kept, so that writing an image reads every token once. Captions were
dropped now and then in training, so logits can be guided as diffusion's predictions are
(classifier-free guidance; for tokens: Gafni et al., "Make-A-Scene", 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.data.captions.tokenizer import MAX_TOKENS
from models.parts.clip import TOKEN_WIDTH
from models.parts.tokenizer import CODES, TOKENS
from models.parts.transformer import Past, Transformer

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH = MAX_TOKENS + TOKENS


class TokenGPT(nn.Module):
    """Decoder-only transformer; sequence = caption words, then image tokens.

    Args:
        dim: model width.
        layers, heads: of the transformer.
    """

    def __init__(self, dim: int = 192, layers: int = 7, heads: int = 6) -> None:
        super().__init__()
        self.words = nn.Linear(TOKEN_WIDTH, dim)
        self.codes = nn.Embedding(CODES, dim)
        self.position = nn.Parameter(torch.randn(LENGTH, dim) * 0.02)
        self.blocks = Transformer(dim, heads, layers)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, CODES)
        nn.init.normal_(self.codes.weight, std=0.02)

    def forward(self, caption: Tensor, image: Tensor) -> Tensor:
        """Logits of the image tokens, each given the caption and the tokens before it.

        Args:
            caption: what CLIP says of each word, [n, MAX_TOKENS, TOKEN_WIDTH].
            image: the first k tokens, int64 [n, k], k < 64.

        Returns:
            [n, k + 1, CODES]; entry i is for token i.
        """
        x = torch.cat([self.words(caption), self.codes(image)], dim=1)
        x = self.blocks(x + self.position[: x.shape[1]], causal=True)
        out: Tensor = self.head(self.norm(x[:, MAX_TOKENS - 1 :]))
        return out

    def read_captions(self, captions: Tensor) -> tuple[Tensor, Past]:
        """Read captions, [n, MAX_TOKENS, TOKEN_WIDTH].

        Returns:
            Logits of the first image token, [n, CODES], and what was read, without room for more.
        """
        past = self.blocks.past(self.position, len(captions), MAX_TOKENS)
        return self._read(self.words(captions), [past]), past

    def read_on(self, tokens: Tensor, pasts: Sequence[Past]) -> Tensor:
        """Read the next k image tokens of every row → logits of the one after, [n, CODES].

        Args:
            tokens: int64 [n, k], the groups' rows one below the other.
            pasts: of each group, whose rows add up to n; they grow by the k tokens.
        """
        return self._read(self.codes(tokens), pasts)

    def looks(self, token: Tensor, past: Past) -> Tensor:
        """Where the last token that was read looks: attention, averaged over layers and heads.

        Args:
            token: int64 [n, 1].
            past: what was read, with that token.

        Returns:
            [n, positions read]; every row adds up to 1.
        """
        x = self.codes(token) + self.position[past.read - 1]
        return self.blocks.looks(x, past).mean((0, 2))

    def _read(self, x: Tensor, pasts: Sequence[Past]) -> Tensor:
        """The next positions without their places, [n, k, dim] → logits, [n, CODES]."""
        begins = [past.read for past in pasts]
        places = [self.position[begin : begin + x.shape[1]] for begin in begins]
        rows = [p.expand(past.rows, -1, -1) for p, past in zip(places, pasts, strict=True)]
        x = self.blocks.read_on(x + torch.cat(rows), pasts)
        out: Tensor = self.head(self.norm(x[:, -1]))
        return out


def token_nats(logits: Tensor, tokens: Tensor) -> Tensor:
    """-log p(token_i | caption, token_<i) of every image token, [n, k]; their sum is the image's.

    Args:
        logits: [n, k, CODES], as :meth:`TokenGPT.forward` gives them for all tokens but the last.
        tokens: int64 [n, k].
    """
    return F.cross_entropy(logits.float().transpose(1, 2), tokens, reduction="none")


def guide(logits: Tensor, scale: float, n: int) -> Tensor:
    """Classifier-free guidance: without + scale · (with - without), [n, CODES].

    Args:
        logits: n rows with the caption and, below them, n without it; if those are missing, there
            is nothing to guide by.
        scale: above 1 the caption counts for more.
        n: number of images.
    """
    if len(logits) == n:
        return logits
    with_caption, without = logits.split(n)
    return torch.lerp(without, with_caption, scale)


def token_probabilities(logits: Tensor, temperature: float) -> Tensor:
    """softmax(logits / temperature), [n, CODES]; at temperature 0 the likeliest has all."""
    if temperature == 0:
        return F.one_hot(logits.argmax(1), logits.shape[1]).float()
    return (logits / temperature).softmax(1)
