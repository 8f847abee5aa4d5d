"""Autoregressive transformer over caption words, then image tokens, as DALL-E.

Ramesh et al., "Zero-Shot Text-to-Image Generation", 2021. The factorization is
p(image | caption) = Π p(token_i | caption, token_<i): a decoder-only transformer reads 32 caption
ids followed by up to 64 image tokens and predicts the next image token. Keys and values of what
was read are cached in the request's state, so each step reads one token. Captions were dropped now
and then in training, so logits can be guided as diffusion's predictions are (classifier-free
guidance; for tokens: Gafni et al., "Make-A-Scene", 2022).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.data.captions import MAX_TOKENS, tokenizer
from models.parts.layers import TransformerBlock
from models.parts.tokenizer import CODES, TOKENS

LENGTH = MAX_TOKENS + TOKENS


class TokenGPT(nn.Module):
    """Decoder-only transformer; sequence = caption ids, then image tokens.

    Args:
        dim: model width.
        layers, heads: of the transformer.
    """

    def __init__(self, dim: int = 192, layers: int = 7, heads: int = 6) -> None:
        super().__init__()
        self.words = nn.Embedding(len(tokenizer()), dim)
        self.codes = nn.Embedding(CODES, dim)
        self.position = nn.Parameter(torch.randn(LENGTH, dim) * 0.02)
        self.blocks = nn.ModuleList(TransformerBlock(dim, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, CODES)
        nn.init.normal_(self.words.weight, std=0.02)
        nn.init.normal_(self.codes.weight, std=0.02)

    def forward(self, caption: Tensor, image: Tensor) -> Tensor:
        """Logits of every image token given all before it.

        Args:
            caption: int64 [n, MAX_TOKENS].
            image: int64 [n, k], the first k tokens, k ≤ 64.

        Returns:
            [n, k + 1, CODES]; entry i is for token i (entry 64 does not exist: k is at most 63
            when all are wanted).
        """
        x = torch.cat([self.words(caption), self.codes(image)], dim=1)
        x = x + self.position[: x.shape[1]]
        for block in self.blocks:
            x = block(x, causal=True)
        out: Tensor = self.head(self.norm(x[:, MAX_TOKENS - 1 :]))
        return out

    def prefill(self, caption: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        """Read caption and given tokens at once.

        Returns:
            Logits of the next token [n, CODES]; cache [layers, 2, n, heads, LENGTH, dim / heads],
            filled up to what was read.
        """
        x = torch.cat([self.words(caption), self.codes(image)], dim=1)
        length = x.shape[1]
        x = x + self.position[:length]
        cache = []
        for block in self.blocks:
            assert isinstance(block, TransformerBlock)
            keys, values = block.attention.keys_values(block.norm1(x))
            room = torch.zeros(2, *keys.shape[:2], LENGTH, keys.shape[-1])
            room[0, :, :, :length], room[1, :, :, :length] = keys, values
            cache.append(room)
            x = block(x, causal=True)
        return self.head(self.norm(x[:, -1])), torch.stack(cache)

    def read(self, token: Tensor, position: Tensor, caches: Sequence[Tensor]) -> Tensor:
        """Read one more image token a row and return the next token's logits [n, CODES].

        Args:
            token: int64 [n].
            position: where each row's token stands in the sequence, int64 [n].
            caches: one tensor a state, as :meth:`prefill` returns, their rows adding up to n;
                the token's keys and values are written into them.
        """
        x = (self.codes(token) + self.position[position])[:, None]
        ends = list(itertools.accumulate(cache.shape[2] for cache in caches))
        places = [int(position[end - 1]) for end in ends]
        for i, block in enumerate(self.blocks):
            assert isinstance(block, TransformerBlock)
            normed = block.norm1(x)
            keys, values = block.attention.keys_values(normed)
            pasts = []
            for cache, end, at in zip(caches, ends, places, strict=True):
                rows = slice(end - cache.shape[2], end)
                cache[i, 0, :, :, at] = keys[rows, :, 0]
                cache[i, 1, :, :, at] = values[rows, :, 0]
                pasts.append((cache[i, 0, :, :, : at + 1], cache[i, 1, :, :, : at + 1]))
            x = x + block.attention.attend_each(normed, pasts)
            x = x + block.mlp(block.norm2(x))
        out: Tensor = self.head(self.norm(x[:, 0]))
        return out


def token_nats(logits: Tensor, tokens: Tensor) -> Tensor:
    """-log p(token_i | caption, token_<i) of every image token, [n, k]; their sum is the image's.

    Args:
        logits: [n, k, CODES], as :meth:`TokenGPT.forward` gives them for all tokens but the last.
        tokens: int64 [n, k].
    """
    return F.cross_entropy(logits.float().transpose(1, 2), tokens, reduction="none")


def guide(logits: Tensor, scale: float, n: int) -> Tensor:
    """Classifier-free guidance of n rows with and, below them, n without the caption: [n, CODES].

    Rows without a second half are returned as they are.
    """
    if len(logits) == n:
        return logits
    with_caption, without = logits.split(n)
    return torch.lerp(without, with_caption, scale)
