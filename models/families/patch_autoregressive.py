"""An autoregressive model of raw pixels, patch by patch (MEGABYTE, Yu et al., 2023).

p(x) is a product over 784 gray pixels, each a distribution over its 256 levels, exact, as PixelRNN
and PixelCNN (van den Oord et al., 2016). One transformer over all pixels would be slow, so two
share the work: a global one reads whole 4×4 patches, 49 of them; a local one reads the 16 pixels
of one patch, helped by what the global one made of the patches before and by the pixels around.
Here the local one is an MLP, since all of a patch lies within the pixels around.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.data import pixels
from models.data.pixels import LEVELS
from models.parts.transformer import MLP, Past, Transformer
from models.runtime.randomness import pick

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDE = 28
PATCH = 4
GRID = SIDE // PATCH
PATCHES = GRID**2
PIXELS = PATCH**2
REACH = 3
WINDOW = (2 * REACH + 1) ** 2
"""A pixel reads those of the 7×7 pixels around it that come before it: all of its patch, too."""
UNKNOWN = SIDE**2


def to_levels(images: Tensor) -> Tensor:
    """Pixels in [-1, 1] as their 8-bit levels, int64 0 … 255."""
    return pixels.to_levels(images).long()


def to_pixels(levels: Tensor) -> Tensor:
    """Inverse of :func:`to_levels`."""
    return pixels.from_levels(levels)


def brightness(levels: Tensor) -> Tensor:
    """Levels […, k] as two numbers each, […, 2k]: in [-1, 1], unknown as 0, and 1 if black."""
    drawn = levels < LEVELS
    values = torch.where(drawn, pixels.from_levels(levels), 0.0)
    return torch.cat([values, (levels == 0).float()], dim=-1)


def patchify(images: Tensor) -> Tensor:
    """[n, 28, 28] → [n, 49, 16], patches and their pixels row by row."""
    rows: Tensor = images.unflatten(2, (GRID, PATCH)).unflatten(1, (GRID, PATCH))
    return rows.transpose(2, 3).flatten(3).flatten(1, 2)


def unpatchify(patches: Tensor) -> Tensor:
    """Inverse of :func:`patchify`."""
    grid: Tensor = patches.unflatten(2, (PATCH, PATCH)).unflatten(1, (GRID, GRID))
    return grid.transpose(2, 3).flatten(3).flatten(1, 2)


def neighbours() -> Tensor:
    """Where to find the 49 pixels around each pixel, in its own place that pixel: int64
    [patches, pixels, 49], an index into the flat patches, or :data:`UNKNOWN` for those that are
    outside the image or not before it.
    """
    order = unpatchify(torch.arange(UNKNOWN).view(1, PATCHES, PIXELS))[0].float()
    outside = F.pad(order, [REACH] * 4, value=UNKNOWN)
    around = F.unfold(outside[None, None], 2 * REACH + 1)[0].T.view(SIDE, SIDE, -1)
    before = torch.where(around < order[..., None], around, UNKNOWN)
    return torch.stack([patchify(side[None])[0] for side in before.unbind(-1)], dim=-1).long()


class PixelBlock(nn.Module):
    """Residual MLP on every pixel by itself."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.mlp = MLP(dim, 2)

    def forward(self, x: Tensor) -> Tensor:
        """[…, dim] → […, dim]."""
        out: Tensor = x + self.mlp(self.norm(x))
        return out


class PatchGPT(nn.Module):
    """Distributions of all pixels given those before.

    Args:
        dim, layers: of the transformer over patches.
        local_dim, local_layers: of the network that decides a pixel.
    """

    around: Tensor

    def __init__(
        self, dim: int = 192, layers: int = 6, local_dim: int = 128, local_layers: int = 3
    ) -> None:
        super().__init__()
        self.embed_patch = nn.Sequential(nn.Linear(2 * PIXELS, dim), nn.GELU(), nn.Linear(dim, dim))
        self.start = nn.Parameter(torch.zeros(dim))
        self.place = nn.Parameter(torch.randn(PATCHES, dim) * 0.02)
        self.blocks = Transformer(dim, 6, layers)
        self.norm = nn.LayerNorm(dim)
        self.to_local = nn.Linear(dim, PIXELS * local_dim)
        self.embed_left = nn.Embedding(LEVELS + 1, local_dim)  # the last stands for "unknown"
        self.embed_above = nn.Embedding(LEVELS + 1, local_dim)
        self.embed_around = nn.Sequential(
            nn.Linear(2 * WINDOW, 2 * local_dim), nn.GELU(), nn.Linear(2 * local_dim, local_dim)
        )
        self.local_blocks = nn.ModuleList(PixelBlock(local_dim) for _ in range(local_layers))
        self.local_norm = nn.LayerNorm(local_dim)
        self.head = nn.Linear(local_dim, LEVELS)
        self.register_buffer("around", neighbours(), persistent=False)

    def context(self, patches: Tensor) -> Tensor:
        """What the first patches, levels [n, k, 16], say of each and of the one after them.

        Returns:
            [n, k + 1, 16, local_dim]; entry i is for patch i and was read from those before it.
        """
        h = self.embed_patch(brightness(patches))
        first = self.start.expand(len(h), 1, -1)
        h = torch.cat([first, h], dim=1)
        h = self.blocks(h + self.place[: h.shape[1]], causal=True)
        out: Tensor = self.to_local(self.norm(h)).unflatten(-1, (PIXELS, -1))
        return out

    def read_on(self, patch: Tensor | None, pasts: Sequence[Past]) -> Tensor:
        """Read the next patch of every row → the context of the one after, [n, 16, local_dim].

        Args:
            patch: levels [n, 16], the groups' rows one below the other; ``None`` before the first.
            pasts: of each group, whose rows add up to n, all of the same length; they grow by it.
        """
        n, place = sum(past.rows for past in pasts), self.place[pasts[0].read]
        h = self.start.expand(n, -1) if patch is None else self.embed_patch(brightness(patch))
        h = self.blocks.read_on((h + place)[:, None], pasts)
        out: Tensor = self.to_local(self.norm(h[:, 0])).unflatten(-1, (PIXELS, -1))
        return out

    def local(self, context: Tensor, patches: Tensor, where: Tensor) -> Tensor:
        """Logits of some pixels.

        Args:
            context: […, local_dim] for each of them, after a first dimension n.
            patches: levels [n, 49, 16], of which only what is before a pixel is looked at.
            where: rows of :func:`neighbours` for them, […, 49].
        """
        flat = F.pad(patches.flatten(1), (0, 1), value=LEVELS)
        seen = flat[:, where]
        middle = WINDOW // 2
        h = context + self.embed_left(seen[..., middle - 1])
        h = h + self.embed_above(seen[..., middle - 2 * REACH - 1])
        h = h + self.embed_around(brightness(seen))
        for block in self.local_blocks:
            h = block(h)
        out: Tensor = self.head(self.local_norm(h))
        return out

    def forward(self, patches: Tensor) -> Tensor:
        """Levels, int64 [n, 49, 16] → logits [n, 49, 16, 256]."""
        return self.local(self.context(patches[:, :-1]), patches, self.around)

    def bits_per_dim(self, images: Tensor) -> Tensor:
        """Exact bits a pixel of images [n, 1, 28, 28] in [-1, 1]: [n]."""
        patches = patchify(to_levels(images[:, 0]))
        return pixel_nats(self(patches), patches).flatten(1).mean(1) / math.log(2)


def pixel_nats(logits: Tensor, patches: Tensor) -> Tensor:
    """-log p(pixel | pixels before) of every pixel, [n, 49, 16]; their sum is the image's.

    Args:
        logits: [n, 49, 16, 256].
        patches: levels, int64 [n, 49, 16].
    """
    return F.cross_entropy(logits.float().movedim(-1, 1), patches, reduction="none")


def write_patch(
    net: PatchGPT, context: Tensor, patches: Tensor, i: int, temperature: Tensor, uniform: Tensor
) -> Tensor:
    """Draw the pixels of patch i one by one, each given those before it.

    Args:
        net: predicts a pixel.
        context: of the patch, [n, 16, local_dim].
        patches: levels, int64 [n, 49, 16].
        temperature, uniform: see :func:`draw`; uniform [n, 16].

    Returns:
        The patches with the i-th filled.
    """
    patches = patches.clone()
    for j in range(PIXELS):
        logits = net.local(context[:, j], patches, net.around[i, j])
        patches[:, i, j] = draw(logits, temperature, uniform[:, j])
    return patches


def draw(logits: Tensor, temperature: Tensor, uniform: Tensor) -> Tensor:
    """Levels, int64 [n], of a pixel each.

    Args:
        logits: [n, 256].
        temperature: [n, 1]; where 0, the likeliest level.
        uniform: what decides, [n] in [0, 1).
    """
    return pick((logits.double() / temperature.clamp(min=1e-6)).softmax(1), uniform)
