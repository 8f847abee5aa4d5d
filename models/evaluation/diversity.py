"""Do the samples fall among the real images, reach all of them, and differ from what was learned?

Precision and recall of Kynkäänniemi et al. (2019), density and coverage of Naeem et al. (2020),
with the numbers of neighbours their authors use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK = 1_000
PRECISION_K = 3
COVERAGE_K = 5


def radii(points: Tensor, k: int) -> Tensor:
    """Distance of every point [n, d] to its k-th nearest other point, [n]."""
    parts = [
        # The nearest neighbour of a point is itself.
        torch.cdist(part, points).kthvalue(k + 1, dim=1).values
        for part in points.split(CHUNK)
    ]
    return torch.cat(parts)


@dataclass(frozen=True)
class Diversity:
    """Shares in [0, 1], but density, which may exceed 1."""

    precision: float
    recall: float
    density: float
    coverage: float


def diversity(real: Tensor, fake: Tensor) -> Diversity:
    """Compare features real [n, d] and fake [m, d]."""
    near_real, near_fake = radii(real, PRECISION_K), radii(fake, PRECISION_K)
    near_real_5 = radii(real, COVERAGE_K)
    recalled = covered = inside = 0
    precise = torch.zeros(len(fake), dtype=torch.bool)
    for rows in torch.arange(len(real)).split(CHUNK):
        gaps = torch.cdist(real[rows], fake)
        precise |= (gaps < near_real[rows, None]).any(0)
        recalled += int((gaps < near_fake).any(1).sum())
        balls = gaps < near_real_5[rows, None]
        covered += int(balls.any(1).sum())
        inside += int(balls.sum())
    return Diversity(
        precision=int(precise.sum()) / len(fake),
        recall=recalled / len(real),
        density=inside / (COVERAGE_K * len(fake)),
        coverage=covered / len(real),
    )


def nearest(images: Tensor, known: Tensor) -> Tensor:
    """Root mean squared pixel distance of each image to its nearest known one, in 1/255, [n].

    Args:
        images: [n, 3, H, W] in [-1, 1].
        known: [m, 3, H, W]; both are compared at half their size.
    """
    flat = F.avg_pool2d(images, 2).flatten(1)
    best = torch.full((len(flat),), torch.inf)
    for part in known.split(CHUNK):
        best = torch.minimum(best, torch.cdist(flat, F.avg_pool2d(part, 2).flatten(1)).amin(1))
    return best * (127.5 / math.sqrt(flat.shape[1]))
