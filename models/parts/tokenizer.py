"""Images as 8×8 discrete tokens, by finite scalar quantization (FSQ).

Mentzer et al., "Finite Scalar Quantization: VQ-VAE Made Simple", 2023: each of a few channels is
squashed and rounded to a few levels; the code is the combination. No codebook is learned, so none
can collapse.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.parts.layers import ConvDecoder, ConvEncoder
from models.parts.losses import laplacian_pyramid_loss
from models.parts.transformer import Transformer

LEVELS = (8, 5, 5, 5)
GRID = 8
TOKENS = GRID * GRID
CODES = math.prod(LEVELS)


class FSQ(nn.Module):
    """Round each channel to ``levels[i]`` values in [-1, 1]; gradients pass straight through."""

    levels: Tensor
    basis: Tensor

    def __init__(self, levels: tuple[int, ...] = LEVELS) -> None:
        super().__init__()
        self.register_buffer("levels", torch.tensor(levels), persistent=False)
        basis = torch.tensor([1, *levels[:-1]]).cumprod(0)
        self.register_buffer("basis", basis, persistent=False)

    def forward(self, z: Tensor) -> Tensor:
        """[n, channels, h, w] → the nearest codes, same shape, values in [-1, 1]."""
        top = (self.levels - 1)[:, None, None]
        bounded = torch.sigmoid(z) * top
        rounded = bounded + (bounded.round() - bounded).detach()
        return rounded / top * 2 - 1

    def indices(self, codes: Tensor) -> Tensor:
        """Codes [n, channels, h, w] → indices in 0 … CODES-1, int64 [n, h·w] in raster order."""
        top = (self.levels - 1)[:, None, None]
        digits = ((codes + 1) / 2 * top).round().long()
        return (digits * self.basis[:, None, None]).sum(dim=1).flatten(1)

    def codes(self, indices: Tensor) -> Tensor:
        """Inverse of :meth:`indices`: int64 [n, h·w] → [n, channels, h, w], h = w."""
        side = math.isqrt(indices.shape[1])
        digits = indices[:, None] // self.basis[:, None] % self.levels[:, None]
        scaled = digits.float() / (self.levels - 1)[:, None] * 2 - 1
        grid: Tensor = scaled.unflatten(2, (side, side))
        return grid


class GridTransformer(nn.Module):
    """Places of a map that know where they are and look at one another.

    So a code may mean one thing where eyes are and another at the shoulders (as in ViT-VQGAN, Yu
    et al., "Vector-Quantized Image Modeling with Improved VQGAN", 2022).

    Args:
        width: channels of the map.
        layers: of the transformer.
    """

    def __init__(self, width: int, layers: int = 2) -> None:
        super().__init__()
        self.position = nn.Parameter(torch.zeros(TOKENS, width))
        self.blocks = Transformer(width, max(1, width // 32), layers)

    def forward(self, x: Tensor) -> Tensor:
        """[n, width, 8, 8] → the same shape."""
        out: Tensor = self.blocks(x.flatten(2).mT + self.position).mT.unflatten(2, x.shape[2:])
        return out


class GridEncoder(nn.Sequential):
    """A picture as a few numbers for each of 8×8 places.

    Args:
        widths: of the convolutions, fine to coarse.
        out: numbers a place.
    """

    def __init__(self, widths: tuple[int, ...], out: int) -> None:
        width = widths[-1]
        super().__init__(
            ConvEncoder(4, widths, width), GridTransformer(width), nn.Conv2d(width, out, 1)
        )


class ImageTokenizer(nn.Module):
    """Encoder, FSQ and decoder between a 64×64 image and 64 tokens."""

    def __init__(self, widths: tuple[int, ...] = (96, 160)) -> None:
        super().__init__()
        width = widths[-1]
        self.encoder = GridEncoder(widths, len(LEVELS))
        self.fsq = FSQ()
        self.decoder = nn.Sequential(
            nn.Conv2d(len(LEVELS), width, 3, padding=1),
            GridTransformer(width),
            ConvDecoder(4, widths, width, blocks=2),
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Codes [n, 4, 8, 8] and the reconstruction from them, [n, 3, 64, 64]."""
        codes = self.fsq(self.encoder(images).float())
        return codes, self.decoder(codes)

    def encode(self, images: Tensor) -> Tensor:
        """[n, 3, 64, 64] in [-1, 1] → token indices, int64 [n, 64]."""
        return self.fsq.indices(self.fsq(self.encoder(images)))

    def decode(self, indices: Tensor) -> Tensor:
        """int64 [n, 64] → images [n, 3, 64, 64] in [-1, 1]."""
        out: Tensor = self.decoder(self.fsq.codes(indices)).clamp(-1, 1)
        return out


def tokenizer_loss(images: Tensor, rebuilt: Tensor) -> Tensor:
    """Twice the mean squared error and the Laplacian pyramid's, images [n, 3, H, W]."""
    error = (rebuilt - images).square().mean()
    return 2 * error + laplacian_pyramid_loss(rebuilt, images)
