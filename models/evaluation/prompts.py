"""Does a model draw what the caption says? The world's attribute judge reads its answer off the
image, and CLIP is asked which of many captions it was drawn for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from models.data.captions.plain import full_caption
from models.data.captions.tokenizer import tokenizer
from models.evaluation.samples import compare, shrink
from models.evaluation.worlds import WORLDS
from models.parts.clip import CLIP
from models.runtime.sampler import run_batched
from models.runtime.zoo import network

if TYPE_CHECKING:
    from models.runtime.architecture import AnySampler

PROMPTS = 128
RIVALS = 128
ENOUGH = 1_000
"""Images from which on they are compared with the pictures of their captions, too."""


def measure_prompts(
    sampler: AnySampler,
    split: str = "test",
    count: int = PROMPTS,
    world: str = "faces",
    **settings: Any,
) -> dict[str, Any]:
    """Share of captioned attributes the judge finds again, over ``count`` full captions.

    Args:
        sampler: a prompted procedure whose images are 64 or 128 pixels a side.
        split: ``test``, or ``combo`` for pairs never seen in training.
        count: number of captions, one image each.
        world: whose pictures the captions describe.
        settings: further fields of the requests, for example ``guidance_scale``.

    Returns:
        Accuracies in 0 … 1, and of at least :data:`ENOUGH` captions of ``test`` their
        ``likeness`` to the pictures that the captions describe: Fréchet distance and coverage.
    """
    measure = WORLDS[world]
    pictures = measure.pictures(split, count)
    labels, seen = pictures.labels(slice(0, count)), pictures.visible(slice(0, count)).numpy()
    captions = [full_caption(pictures.attributes(i)) for i in range(count)]
    requests = [
        sampler.request(seed=50_000 + i, prompt=caption, **settings)
        for i, caption in enumerate(captions)
    ]
    images = torch.cat([view.images for view in run_batched(sampler, requests)])
    small = shrink(images)
    right = (measure.read(small) == labels).numpy()
    heads = {
        head: round(float(right[:, i][seen[:, i]].mean()), 3)
        for i, head in enumerate(measure.world.heads)
    }
    alike = split == "test" and count >= ENOUGH
    return {
        "count": count,
        "split": split,
        "heads": heads,
        "mean_head_accuracy": round(float(np.mean(list(heads.values()))), 4),
        "all_heads": round(float((right | ~seen).all(axis=1).mean()), 3),
        "clip_top1": round(clip_top1(network("clip", CLIP), images, captions), 3),
        **({"likeness": compare(small, world)} if alike else {}),
    }


@torch.inference_mode()
def clip_top1(clip: CLIP, images: Tensor, captions: list[str]) -> float:
    """Share of images for which CLIP ranks their own caption first among :data:`RIVALS`.

    Args:
        images: [n, 3, H, W].
        captions: what each was drawn for; equal ones count as its own.
    """
    right = 0
    for start in range(0, len(captions), RIVALS):
        said = captions[start : start + RIVALS]
        ids = tokenizer().encode_batch(said)
        best = clip.similarity(images[start : start + RIVALS], ids).argmax(1).tolist()
        right += sum(said[j] == own for j, own in zip(best, said, strict=True))
    return right / len(captions)
