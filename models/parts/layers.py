"""Layers that several families share: residual convolutions and the embedding of time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence


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


class Double(nn.Module):
    """Every value of a map four times: nearest upsampling by two.

    ``nn.Upsample`` does the same, but torch.compile on CPUs drops its gradient (torch 2.13).
    """

    def forward(self, x: Tensor) -> Tensor:
        """[n, c, h, w] → [n, c, 2h, 2w]."""
        rows = x[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 2)
        return rows.flatten(4, 5).flatten(2, 3)


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
                layers.append(Double())
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
