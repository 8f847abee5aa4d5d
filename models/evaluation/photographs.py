"""Pictures measured by a network that knows nothing of our worlds: it was trained on photographs.

The judges of our worlds look at small pictures for what is captioned and hardly see a blur. What
photographs taught a network includes texture and edges, and no loss of ours has used this one, so
none can have learned to please it. Kynkäänniemi et al., "The Role of ImageNet Classes in Fréchet
Inception Distance" (2023), say why it stands beside the judges and not in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from models.evaluation.distances import frechet_distance, kernel_distance
from models.evaluation.worlds import WORLDS
from models.parts.efficientnet import lite2

if TYPE_CHECKING:
    from models.parts.efficientnet import EfficientNetLite

SIDE = 128
"""Pixels that pictures are enlarged to, since the network halves them five times."""
DIMENSIONS = 256
"""That features are reduced to for the Fréchet distance: 5,000 pictures say little of more."""
PART = 50


@cache
def network() -> EfficientNetLite:
    """Loaded when it is first asked."""
    return lite2()


@torch.inference_mode()
def features(images: Tensor) -> Tensor:
    """Of images [n, 3, 64, 64] in [-1, 1], [n, 1280]."""
    return torch.cat([
        network().features(F.interpolate(part.cpu(), (SIDE, SIDE), mode="bilinear"))
        for part in images.split(PART)
    ])  # fmt: skip


@dataclass(frozen=True)
class Album:
    """Features of real pictures, [n, 1280], and the directions in which they differ most."""

    features: Tensor
    mean: Tensor
    directions: Tensor

    @classmethod
    def of(cls, features: Tensor) -> Album:
        """Principal components of features [n, 1280], DIMENSIONS or fewer than n of them."""
        mean = features.mean(0)
        values = torch.linalg.svd(features - mean, full_matrices=False)
        return cls(features, mean, values.Vh[: min(DIMENSIONS, len(features) - 1)].T)

    def distances(self, others: Tensor) -> dict[str, float]:
        """From features [m, 1280]: ``frechet`` of the components, ``kernel`` of all, × 1000."""
        near, far = ((x - self.mean) @ self.directions for x in (self.features, others))
        return {
            "frechet": round(frechet_distance(near, far), 2),
            "kernel": round(1000 * kernel_distance(self.features, others), 2),
        }


@cache
def album(world: str, count: int) -> Album:
    """Of a world's first test pictures."""
    return Album.of(features(WORLDS[world].real("test", count).images))


def measure_photographs(images: Tensor, world: str = "faces") -> dict[str, float]:
    """How far samples [n, 3, 64, 64] are from a world's first n test pictures.

    Returns:
        ``frechet`` and ``kernel``, see :meth:`Album.distances`.
    """
    return album(world, len(images)).distances(features(images))
