"""The transformer that several families share, with a cache for reading position by position."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KeysValues = tuple[Tensor, Tensor]
"""What attention looks at: keys and values, each [n, heads, m, dim / heads]."""


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

    def forward(
        self,
        x: Tensor,
        context: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Attention to a context, or to x itself: [n, k, dim] → [n, k, dim].

        Args:
            x: whose positions look.
            context: what they look at, [n, m, context].
            mask: bool, true where a key may be seen, [n or 1, 1, k or 1, m].
            causal: whether a position sees itself and those before it alone.
        """
        keys, values = self.keys_values(x if context is None else context)
        return self._join(self._mix(self._split(self.q(x)), keys, values, mask, causal))

    def attend(
        self, x: Tensor, pasts: Sequence[KeysValues], temperatures: Sequence[float] | None = None
    ) -> Tensor:
        """Causal attention of groups of rows, each to a past of its own length.

        Args:
            x: the groups' rows one below the other, [n, k, dim].
            pasts: keys and values of each group, [rows, heads, m, dim / heads], the last k of them
                those of x; the rows add up to n.
            temperatures: of each group's attention: above 1 it is spread more evenly. By default 1.
        """
        groups = self._split(self.q(x)).split([len(keys) for keys, _ in pasts])
        parts = [
            self._mix(q if t == 1 else q / t, keys, values, _not_later(q, keys))
            for q, (keys, values), t in zip(
                groups, pasts, temperatures or [1.0] * len(pasts), strict=True
            )
        ]
        return self._join(torch.cat(parts))

    def weights(self, x: Tensor, context: Tensor, mask: Tensor | None = None) -> Tensor:
        """Where each query looks: probabilities [n, heads, k, m]."""
        keys, _ = self.keys_values(context)
        return look_probabilities(self._split(self.q(x)), keys, mask)

    def looks(self, x: Tensor, keys: Tensor) -> Tensor:
        """Where each query looks among keys [n, heads, m, …]: probabilities [n, heads, k, m]."""
        return look_probabilities(self._split(self.q(x)), keys, None)

    def keys_values(self, context: Tensor) -> KeysValues:
        """What a context [n, m, context] shows to queries."""
        keys, values = self.kv(context).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def _split(self, x: Tensor) -> Tensor:
        out: Tensor = x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return out

    def _join(self, heads: Tensor) -> Tensor:
        out: Tensor = self.out(heads.transpose(1, 2).flatten(-2))
        return out

    def _mix(
        self,
        q: Tensor,
        keys: Tensor,
        values: Tensor,
        mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        if self.training and q.dtype is torch.bfloat16 and q.device.type == "cpu":
            # There the fused kernel's backward is slow at the short lengths used here.
            mask = _not_later(q, keys) if causal else mask
            return look_probabilities(q, keys, mask) @ values
        return F.scaled_dot_product_attention(q, keys, values, attn_mask=mask, is_causal=causal)


def _not_later(q: Tensor, keys: Tensor) -> Tensor | None:
    """Which keys are not after a query, bool [k, m], if the queries are the last positions."""
    k, m = q.shape[-2], keys.shape[-2]
    return None if k == 1 else q.new_ones(k, m, dtype=torch.bool).tril(m - k)


def look_probabilities(q: Tensor, keys: Tensor, mask: Tensor | None) -> Tensor:
    """Where queries look: softmax of q·k / √d, over the keys that the mask lets them see."""
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


class TransformerBlock(nn.Module):
    """Pre-norm self-attention and MLP, as in GPT-2."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attention = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MLP(dim)

    def forward(self, x: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        """[n, k, dim] → [n, k, dim]; see :class:`Attention` for the arguments."""
        x = x + self.attention(self.norm1(x), mask=mask, causal=causal)
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class Past:
    """Keys and values of the positions that some rows have read, in every layer of a transformer.

    Args:
        pairs: [layers, 2, rows, heads, length, width of a head]: room for ``length`` positions.
        read: how many are filled.
    """

    def __init__(self, pairs: Tensor, read: int = 0) -> None:
        self._pairs, self.read = pairs, read

    @property
    def rows(self) -> int:
        """Of the batch."""
        return self._pairs.shape[2]

    def write(self, layer: int, keys: Tensor, values: Tensor) -> KeysValues:
        """A layer's keys and values of the next positions → those of all so far, not copied."""
        end = self.read + keys.shape[2]
        all_keys, all_values = self._pairs[layer, :, :, :, :end]
        all_keys[:, :, self.read :] = keys
        all_values[:, :, self.read :] = values
        return all_keys, all_values

    def first(self) -> Past:
        """That of the first row alone, not copied."""
        return Past(self._pairs[:, :, :1], self.read)

    def of(self, layer: int) -> KeysValues:
        """A layer's keys and values of all positions so far, not copied."""
        keys, values = self._pairs[layer, :, :, :, : self.read]
        return keys, values

    @staticmethod
    def repeated(pasts: Sequence[Past], n: int, length: int) -> Past:
        """What several have read as far as one another, n times each, one below the other.

        Args:
            pasts: whose rows are repeated.
            n: how often.
            length: positions that there is room for.
        """
        read = pasts[0].read
        rows = torch.cat([past._pairs[..., :read, :] for past in pasts], dim=2)
        rows = rows.repeat_interleave(n, dim=2)
        pairs = rows.new_zeros(*rows.shape[:4], length, rows.shape[5])
        pairs[..., :read, :] = rows
        return Past(pairs, read)


class Transformer(nn.ModuleList):
    """Blocks one after the other.

    Args:
        dim, heads: of every block.
        layers: number of blocks.
    """

    def __init__(self, dim: int, heads: int, layers: int) -> None:
        super().__init__(TransformerBlock(dim, heads) for _ in range(layers))
        self.dim, self.heads = dim, heads

    def _blocks(self) -> Iterator[TransformerBlock]:
        return (block for block in self if isinstance(block, TransformerBlock))

    def forward(self, x: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        """[n, k, dim] → [n, k, dim]; see :class:`Attention` for the arguments."""
        for block in self._blocks():
            x = block(x, mask, causal)
        return x

    def past(self, like: Tensor, rows: int, length: int) -> Past:
        """Nothing read yet.

        Args:
            like: a tensor whose device and type keys and values will have.
            rows: of the batch.
            length: positions that there is room for.
        """
        width = self.dim // self.heads
        return Past(like.new_zeros(len(self), 2, rows, self.heads, length, width))

    def read_on(
        self, x: Tensor, pasts: Sequence[Past], temperatures: Sequence[float] | None = None
    ) -> Tensor:
        """Causal attention of the next positions to those read before and to one another.

        Args:
            x: k positions of all groups' rows one below the other, [n, k, dim].
            pasts: of each group, whose rows add up to n; they grow by the k positions.
            temperatures: see :meth:`Attention.attend`.
        """
        rows = [past.rows for past in pasts]
        for layer, block in enumerate(self._blocks()):
            normed = block.norm1(x)
            pairs = (part.split(rows) for part in block.attention.keys_values(normed))
            seen = [past.write(layer, k, v) for past, k, v in zip(pasts, *pairs, strict=True)]
            x = x + block.attention.attend(normed, seen, temperatures)
            x = x + block.mlp(block.norm2(x))
        for past in pasts:
            past.read += x.shape[1]
        return x

    def looks(self, x: Tensor, past: Past) -> Tensor:
        """Where the position that was read last looks; it is read again, and nothing is kept.

        Args:
            x: that position, [rows, 1, dim].
            past: what was read, with that position.

        Returns:
            Probabilities [layers, rows, heads, positions read].
        """
        maps = []
        for layer, block in enumerate(self._blocks()):
            normed, seen = block.norm1(x), past.of(layer)
            maps.append(block.attention.looks(normed, seen[0])[:, :, 0])
            x = x + block.attention.attend(normed, [seen])
            x = x + block.mlp(block.norm2(x))
        return torch.stack(maps)
