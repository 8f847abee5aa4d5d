"""Distances between two sets of images: what they show, and how sharply they show it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

PATCH = 7
PATCHES_PER_IMAGE = 32
DIRECTIONS = 256
LEVELS = 3
"""Laplacian pyramid of 64×64 images: 64, 32, 16."""


def frechet_distance(a: Tensor, b: Tensor) -> float:
    """Fréchet distance between Gaussians fitted to features a, b [n, d] (Heusel et al., 2017)."""
    a, b = a.double(), b.double()
    gap = (a.mean(0) - b.mean(0)).square().sum()
    cov_a, cov_b = torch.cov(a.T), torch.cov(b.T)
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    # tr((A B)^½) = tr((A^½ B A^½)^½), whose argument is symmetric.
    inner = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return float(gap + cov_a.trace() + cov_b.trace() - 2 * inner)


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Unbiased squared distance of means in the space of a cubic kernel, (x·y / d + 1)³.

    The kernel inception distance (Bińkowski et al., "Demystifying MMD GANs", 2018) of features a,
    b [n, d]. Near 0, and as often below it as above, where both sets are of one kind.
    """
    n, m = len(a), len(b)
    own = (_similar(a, a), n * (n - 1)), (_similar(b, b), m * (m - 1))
    # A picture's likeness to itself would make sets nearer to themselves than they are.
    within = sum(float(s.sum() - s.diagonal().sum()) / pairs for s, pairs in own)
    return within - 2 * float(_similar(a, b).mean())


def _similar(a: Tensor, b: Tensor) -> Tensor:
    return (a.double() @ b.double().T / a.shape[1] + 1) ** 3


def laplacian_pyramid(images: Tensor, levels: int = LEVELS) -> list[Tensor]:
    """Band-pass copies [n, 3, H / 2^l, W / 2^l], the last one low-pass (Burt & Adelson, 1983)."""
    bands = []
    for _ in range(levels - 1):
        small = F.avg_pool2d(images, 2)
        large = F.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False)
        bands.append(images - large)
        images = small
    return [*bands, images]


def patches(band: Tensor, seed: int) -> Tensor:
    """Random 7×7 patches of each image, [n · PATCHES_PER_IMAGE, 147], standardized by channel.

    The same seed takes the same places, so two sets are cut alike.
    """
    n, _, height, width = band.shape
    generator = torch.Generator().manual_seed(seed)
    shape = (n, PATCHES_PER_IMAGE)
    top = torch.randint(height - PATCH + 1, shape, generator=generator)
    left = torch.randint(width - PATCH + 1, shape, generator=generator)
    windows = band.unfold(2, PATCH, 1).unfold(3, PATCH, 1)  # a view: [n, 3, rows, columns, 7, 7]
    chosen = windows[torch.arange(n)[:, None], :, top, left].flatten(0, 1)
    mean = chosen.mean((0, 2, 3), keepdim=True)
    deviation = chosen.std((0, 2, 3), keepdim=True).clamp(min=1e-8)
    return ((chosen - mean) / deviation).flatten(1)


def sliced_wasserstein(a: Tensor, b: Tensor, seed: int = 0) -> list[float]:
    """Sliced Wasserstein distance of patches at every pyramid level, times 1000, finest first.

    As Karras et al., "Progressive Growing of GANs" (2018), with fewer patches and directions.

    Args:
        a, b: equally many images [n, 3, 64, 64] in [-1, 1].
        seed: of places and directions.

    Raises:
        ValueError: the sets differ in size.
    """
    if len(a) != len(b):
        raise ValueError(f"both sets need equally many images, not {len(a)} and {len(b)}")
    distances = []
    pyramids = zip(laplacian_pyramid(a), laplacian_pyramid(b), strict=True)
    for level, (images, others) in enumerate(pyramids):
        x, y = patches(images, seed + level), patches(others, seed + level + LEVELS)
        generator = torch.Generator().manual_seed(seed)
        directions = torch.randn(x.shape[1], DIRECTIONS, generator=generator)
        directions = directions / directions.norm(dim=0)
        gaps = [
            ((x @ d).sort(dim=0).values - (y @ d).sort(dim=0).values).abs().mean()
            for d in directions.split(32, dim=1)  # in parts, to bound the memory of the sorts
        ]
        distances.append(1000 * float(torch.stack(gaps).mean()))
    return distances


def sharpness(images: Tensor) -> Tensor:
    """Energy of the finest Laplacian band, [n]; a blur lowers it and noise raises it."""
    return laplacian_pyramid(images, 2)[0].square().mean((1, 2, 3))
