"""Quality and diversity of a model's samples against the test split.

Distances are taken in the feature space of the world's frozen attribute judge, so they compare
models of this project with each other and with the floor; they are not on the scale of a published
FID.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.data.rendering import Portion
from models.evaluation.distances import frechet_distance, sharpness, sliced_wasserstein
from models.evaluation.diversity import diversity, nearest
from models.evaluation.photographs import measure_photographs
from models.evaluation.worlds import WORLDS

Draw = Callable[[int, int], Tensor]
"""(n, seed) → images [n, 3, 64, 64] in [-1, 1]."""

SAMPLES = 1_000
FULL = 5_000
MEMORY = 64
CHUNK = 50
TRAIN = 50_000
REAL = (Portion("faces", "train", TRAIN), Portion("faces", "test", FULL))
"""What comparisons of faces read of each split."""


def shrink(images: Tensor) -> Tensor:
    """Images [n, 3, S, S] at 64 pixels a side, S a multiple of them."""
    return F.avg_pool2d(images, images.shape[-1] // 64)


def collect(draw: Draw, count: int) -> Tensor:
    """``count`` samples in batches of 50, always from the same seeds."""
    with torch.inference_mode():
        return torch.cat([draw(CHUNK, 10_000 + i) for i in range(count // CHUNK)])


def measure_samples(draw: Draw, count: int = SAMPLES) -> dict[str, Any]:
    """Of ``count`` samples, see :func:`compare`."""
    return compare(collect(draw, count))


def compare(images: Tensor, world: str = "faces") -> dict[str, Any]:
    """Fréchet distance and coverage of samples [n, 3, 64, 64] against a world's first n test
    pictures.

    ``frechet_floor`` is what training pictures themselves score: no model can be expected below
    it.
    """
    count, measure = len(images), WORLDS[world]
    real, floor = (measure.real(split, count).features for split in ("test", "train"))
    fake = measure.features(images)
    return {
        "count": count,
        "frechet": round(frechet_distance(real, fake), 3),
        "frechet_floor": round(frechet_distance(real, floor), 3),
        "coverage": round(diversity(real, fake).coverage, 3),
        "coverage_floor": round(diversity(real, floor).coverage, 3),
    }


def measure_images(
    images: Tensor, unseen: Tensor | None = None, world: str = "faces"
) -> dict[str, Any]:
    """Every metric of samples [n, 3, 64, 64] against n test pictures of their world.

    Args:
        images: what is measured.
        unseen: stands in for them where the nearest training picture is looked for, since a
            training picture is its own nearest.
        world: that they are compared with.

    Returns:
        ``frechet``; ``sliced_wasserstein`` × 1000, finest level first; ``precision``, ``recall``,
        ``density``, ``coverage``; ``sharpness`` over that of test pictures
        (medians); ``nearest_train``, the median distance to the nearest training picture in 1/255.
    """
    count, measure = len(images), WORLDS[world]
    real = measure.real("test", count)
    fake = measure.features(images)
    spread = diversity(real.features, fake)
    ratio = sharpness(images).median() / sharpness(real.images).median()
    distances = _to_train(images if unseen is None else unseen, world)
    return {
        "count": count,
        "frechet": round(frechet_distance(real.features, fake), 2),
        "sliced_wasserstein": [round(d, 1) for d in sliced_wasserstein(real.images, images)],
        "precision": round(spread.precision, 3),
        "recall": round(spread.recall, 3),
        "density": round(spread.density, 3),
        "coverage": round(spread.coverage, 3),
        "sharpness": round(float(ratio), 3),
        "nearest_train": round(float(distances.median()), 2),
    }


def _to_train(images: Tensor, world: str) -> Tensor:
    """Distance of each image to the nearest training picture in 1/255, [n]."""
    best = torch.full((len(images),), torch.inf)
    for part in WORLDS[world].pictures("train", TRAIN).parts(FULL):
        best = torch.minimum(best, nearest(images, part))
    return best


def blurred(images: Tensor) -> Tensor:
    """Each pixel the mean of the 3×3 around it."""
    return F.avg_pool2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


def grained(images: Tensor) -> Tensor:
    """With Gaussian noise of a tenth of the range, the same for as many images."""
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    return (images + 0.2 * noise).clamp(-1, 1)


def references(count: int = FULL, world: str = "faces") -> dict[str, dict[str, Any]]:
    """What known sets score, so that a reader knows what a model's numbers mean.

    All are made of a world's training pictures, which differ from the test pictures as samples do:
    ``floor`` holds them as they are, ``blur`` and ``noise`` spoilt on purpose, ``memory`` 64 of
    them again and again. But for the last, ``nearest_train`` is that of test pictures treated
    alike. Each holds, as ``photographs``, what a network of photographs says of it.
    """
    test, train = (WORLDS[world].real(split, count).images for split in ("test", "train"))
    memory = train[:MEMORY].repeat(-(-count // MEMORY), 1, 1, 1)[:count]
    sets: dict[str, tuple[Tensor, Tensor | None]] = {
        "floor": (train, test),
        "blur": (blurred(train), blurred(test)),
        "noise": (grained(train), grained(test)),
        "memory": (memory, None),
    }
    return {
        name: measure_images(images, unseen, world)
        | {"photographs": measure_photographs(images, world)}
        for name, (images, unseen) in sets.items()
    }
