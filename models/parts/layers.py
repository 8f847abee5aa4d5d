"""Layers that several families share: residual convolutions, attention, time embedding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KeysValues = tuple[Tensor, Tensor]
"""What attention looks at: keys and values."""


def timestep_embedding(t: Tensor, dim: int, scale: float = 1000.0) -> Tensor:
    """Sinusoidal embedding of t in [0, 1], [n] → [n, dim] (Vaswani et al., 2017)."""
    half = dim // 2
    steps = torch.arange(half, device=t.device, dtype=torch.float32)
    frequencies = torch.exp(-math.log(10_000.0) * steps / half)
    angles = scale * t.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class ResBlock(nn.Module):
    """Two 3×3 convolutions around a skip; an embedding, if any, scales and shifts the middle.

    Args:
        width: channels in.
        out: channels out, by default ``width``.
        embedding: length of the conditioning vector, 0 for none.
    """

    def __init__(self, width: int, out: int | None = None, embedding: int = 0) -> None:
        super().__init__()
        out = out or width
        self.norm1 = nn.GroupNorm(8, width)
        self.conv1 = nn.Conv2d(width, out, 3, padding=1)
        self.norm2 = nn.GroupNorm(8, out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1)
        self.skip = nn.Identity() if out == width else nn.Conv2d(width, out, 1)
        self.modulate = nn.Linear(embedding, 2 * out) if embedding else None
        nn.init.zeros_(self.conv2.weight)  # every block starts as the identity
        if self.modulate is not None:
            nn.init.zeros_(self.modulate.weight)

    def forward(self, x: Tensor, embedding: Tensor | None = None) -> Tensor:
        """[n, width, H, W], [n, embedding] → [n, out, H, W]."""
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        if self.modulate is not None and embedding is not None:
            scale, shift = self.modulate(embedding)[:, :, None, None].chunk(2, dim=1)
            h = h * (1 + scale) + shift
        out: Tensor = self.skip(x) + self.conv2(F.silu(h))
        return out


class ConvEncoder(nn.Module):
    """Pixel-unshuffle, then residual levels that halve the resolution between them.

    Args:
        patch: side of the pixel block folded into channels first.
        widths: channels of each level; the output is ``patch * 2**(levels - 1)`` times smaller.
        out: channels of the feature map.
        blocks: residual blocks a level.
    """

    def __init__(self, patch: int, widths: Sequence[int], out: int, blocks: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            nn.PixelUnshuffle(patch),
            nn.Conv2d(3 * patch**2, widths[0], 3, padding=1),
        ]
        for i, width in enumerate(widths):
            if i:
                layers.append(nn.Conv2d(widths[i - 1], width, 3, padding=1, stride=2))
            layers += [ResBlock(width) for _ in range(blocks)]
        layers += [nn.GroupNorm(8, widths[-1]), nn.SiLU(), nn.Conv2d(widths[-1], out, 1)]
        self.net = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """[n, 3, H, W] → [n, out, h, w]."""
        out: Tensor = self.net(images)
        return out


class ConvDecoder(nn.Module):
    """Mirror of :class:`ConvEncoder`: residual levels with nearest upsampling, then pixel-shuffle.

    Args:
        patch, widths, blocks: as of the encoder, widths from fine to coarse.
        inp: channels of the feature map.
    """

    def __init__(self, patch: int, widths: Sequence[int], inp: int, blocks: int = 1) -> None:
        super().__init__()
        coarse = list(reversed(widths))
        layers: list[nn.Module] = [nn.Conv2d(inp, coarse[0], 3, padding=1)]
        for i, width in enumerate(coarse):
            layers += [ResBlock(width) for _ in range(blocks)]
            if i + 1 < len(coarse):
                layers.append(nn.Upsample(scale_factor=2, mode="nearest"))
                layers.append(nn.Conv2d(width, coarse[i + 1], 3, padding=1))
        layers += [
            nn.GroupNorm(8, coarse[-1]),
            nn.SiLU(),
            nn.Conv2d(coarse[-1], 3 * patch**2, 3, padding=1),
            nn.PixelShuffle(patch),
        ]
        self.net = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        """[n, inp, h, w] → [n, 3, H, W]."""
        out: Tensor = self.net(features)
        return out


class Attention(nn.Module):
    """Multi-head attention with queries from x and keys, values from x or a context.

    Args:
        dim: width of x.
        heads: number of heads, dividing ``dim``.
        context: width of the context, 0 for self-attention.
    """

    def __init__(self, dim: int, heads: int, context: int = 0) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(dim, dim, bias=False)
        self.kv = nn.Linear(context or dim, 2 * dim, bias=False)
        self.out = nn.Linear(dim, dim)
        nn.init.zeros_(self.out.weight)

    def _split(self, x: Tensor) -> Tensor:
        out: Tensor = x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return out

    def keys_values(self, context: Tensor) -> tuple[Tensor, Tensor]:
        """[n, m, context] → keys and values, each [n, heads, m, dim / heads]."""
        keys, values = self.kv(context).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(
        self,
        x: Tensor,
        context: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """[n, k, dim] → [n, k, dim]; ``mask`` bool, true where a key may be seen."""
        keys, values = self.keys_values(x if context is None else context)
        return self.attend(x, keys, values, mask, causal)

    def attend(
        self,
        x: Tensor,
        keys: Tensor,
        values: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Attention to keys and values computed before, as a cache holds them."""
        mixed = self._mix(self._split(self.q(x)), keys, values, mask, causal)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(-2))
        return out

    def attend_each(
        self, x: Tensor, pasts: Sequence[KeysValues], temperatures: Sequence[float] | None = None
    ) -> Tensor:
        """Attention of groups of rows, each to a past of its own length.

        Args:
            x: the groups' rows one below the other, [n, k, dim].
            pasts: keys and values of each group, [rows, heads, m, dim / heads]; the rows add up
                to n.
            temperatures: of each group's attention: above 1 it is spread more evenly. By default 1.
        """
        groups = self._split(self.q(x)).split([len(keys) for keys, _ in pasts])
        divisors = temperatures or [1.0] * len(pasts)
        parts = [
            self._mix(q if t == 1 else q / t, *past)
            for q, past, t in zip(groups, pasts, divisors, strict=True)
        ]
        out: Tensor = self.out(torch.cat(parts).transpose(1, 2).flatten(-2))
        return out

    def _mix(
        self,
        q: Tensor,
        keys: Tensor,
        values: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        if torch.is_grad_enabled() and not q.is_cuda:
            # The fused kernel's backward is slow on CPU at the short lengths used here.
            if causal:
                mask = q.new_ones(q.shape[-2], keys.shape[-2], dtype=torch.bool).tril()
            return self._probabilities(q, keys, mask) @ values
        return F.scaled_dot_product_attention(q, keys, values, attn_mask=mask, is_causal=causal)

    def weights(self, x: Tensor, context: Tensor, mask: Tensor | None = None) -> Tensor:
        """Where each query looks: probabilities [n, heads, k, m]."""
        keys, _ = self.keys_values(context)
        return self._probabilities(self._split(self.q(x)), keys, mask)

    @staticmethod
    def _probabilities(q: Tensor, keys: Tensor, mask: Tensor | None) -> Tensor:
        scores = (q / math.sqrt(q.shape[-1])) @ keys.transpose(-1, -2)
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        return scores.softmax(-1)


class MLP(nn.Sequential):
    """Two linear layers with a GELU between, the last one starting at zero."""

    def __init__(self, dim: int, expansion: int = 4) -> None:
        last = nn.Linear(expansion * dim, dim)
        nn.init.zeros_(last.weight)
        super().__init__(nn.Linear(dim, expansion * dim), nn.GELU(approximate="tanh"), last)


class Past:
    """Keys and values of the positions that some rows have read, with room for those to come.

    Args:
        like: a tensor whose device and type they have.
        rows, heads, length, width: rows of the batch, heads, positions in all, width of a head.
    """

    def __init__(self, like: Tensor, rows: int, heads: int, length: int, width: int) -> None:
        self._pairs = like.new_zeros(2, rows, heads, length, width)
        self.rows, self.read = rows, 0

    def append(self, keys: Tensor, values: Tensor) -> KeysValues:
        """One more position's, [rows, heads, 1, width] → all that were read, without a copy."""
        self._pairs[0, :, :, self.read] = keys[:, :, 0]
        self._pairs[1, :, :, self.read] = values[:, :, 0]
        self.read += 1
        return self._pairs[0, :, :, : self.read], self._pairs[1, :, :, : self.read]


class TransformerBlock(nn.Module):
    """Pre-norm self-attention and MLP, as in GPT-2."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MLP(dim)

    def forward(self, x: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        """[n, k, dim] → [n, k, dim]."""
        x = x + self.attention(self.norm1(x), mask=mask, causal=causal)
        out: Tensor = x + self.mlp(self.norm2(x))
        return out

    def past(self, like: Tensor, rows: int, length: int) -> Past:
        """Nothing read yet, and room for ``length`` positions of so many rows."""
        heads = self.attention.heads
        return Past(like, rows, heads, length, self.attention.q.out_features // heads)

    def read_on(
        self, x: Tensor, pasts: Sequence[Past], temperatures: Sequence[float] | None = None
    ) -> Tensor:
        """Causal attention to what was read before and to one more position, [n, 1, dim].

        Args:
            x: the position, of all groups' rows one below the other.
            pasts: of each group, whose rows add up to n; they grow by the position.
            temperatures: see :meth:`Attention.attend_each`.
        """
        normed = self.norm1(x)
        rows = [past.rows for past in pasts]
        pairs = (part.split(rows) for part in self.attention.keys_values(normed))
        seen = [past.append(k, v) for past, k, v in zip(pasts, *pairs, strict=True)]
        x = x + self.attention.attend_each(normed, seen, temperatures)
        out: Tensor = x + self.mlp(self.norm2(x))
        return out
