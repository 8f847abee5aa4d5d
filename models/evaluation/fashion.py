"""The models of Fashion-MNIST: likelihood beside published figures, and what their samples show.

Bits per dimension are of the 10,000 test photos, 8-bit pixels, and may be compared with any paper.
The Fréchet distance is taken in the features of this project's own classifier; it may not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

from models.data.fashion import CLASSES, fashion
from models.evaluation.distances import frechet_distance
from models.evaluation.diversity import diversity
from models.evaluation.likelihood import BATCH, flow_bits
from models.evaluation.samples import collect
from models.evaluation.speed import measure_speed
from models.families.patch_autoregressive import PatchGPT
from models.parts.judge import Judge, judge_input
from models.runtime.hardware import hardware
from models.runtime.zoo import Zoo, network

PUBLISHED = {
    "RAT-SPN": 4.29,
    "McBits": 3.72,
    "BB-ANS": 3.66,
    "IDF": 3.47,
    "HCLT": 3.34,
    "Bit-Swap": 3.28,
    "Sparse PC": 3.27,
}
"""Test bits per dimension in table 1 of Dang et al., "Sparse Probabilistic Circuits via Pruning
and Growing", NeurIPS 2022."""


@cache
def _judge() -> Judge:
    return network("fashion-judge", Judge)


@torch.inference_mode()
def features(images: Tensor) -> Tensor:
    """The judge's features of photos, [n, 128]."""
    return torch.cat([_judge().features(judge_input(part)) for part in images.split(BATCH)])


def measure_fashion(zoo: Zoo, name: str, count: int) -> dict[str, Any]:
    """Samples against as many test photos, likelihood, speed, and whether the class is drawn."""
    sampler = zoo.sampler(f"{name}.sample")

    def draw(n: int, seed: int) -> Tensor:
        return sampler.run(sampler.request(n=n, seed=seed)).images

    real, train = (features(fashion(split).images[:count]) for split in ("test", "train"))
    fake = features(collect(draw, count))
    measured = {
        "evaluation": {
            "command": f"python -m models.evaluation {name} --count {count}",
            "hardware": hardware("cpu"),
        },
        "samples": {
            "count": count,
            "frechet": round(frechet_distance(real, fake), 2),
            "frechet_floor": round(frechet_distance(real, train), 2),
            "coverage": round(diversity(real, fake).coverage, 3),
            "coverage_floor": round(diversity(real, train).coverage, 3),
        },
        "likelihood": _likelihood(zoo, name),
        "speed": measure_speed(zoo, name),
    }
    if name == "fashion-diffusion":
        measured["classes"] = _obeyed(zoo, name, real)
    return measured


def _likelihood(zoo: Zoo, name: str) -> dict[str, Any]:
    photos = fashion("test").images
    if name == "fashion-flow":
        bits = flow_bits(zoo.sampler(f"{name}.encode"), photos)
    elif name == "fashion-autoregressive":
        net = zoo.network(name, PatchGPT)
        with torch.inference_mode():
            bits = torch.cat([net.bits_per_dim(part) for part in photos.split(BATCH)])
    else:
        return {"kind": "none"}
    return {
        "kind": "exact",
        "bits_per_dim": round(float(bits.mean()), 3),
        "count": len(bits),
    }


def _obeyed(zoo: Zoo, name: str, real: Tensor) -> dict[str, Any]:
    """What is drawn when each class is asked for equally often, as photos show them.

    Args:
        real: features of as many test photos.

    Returns:
        ``accuracy``, the share of samples in which the judge sees the class; ``frechet`` and
        ``coverage`` of all of them.
    """
    sampler = zoo.sampler(f"{name}.sample")
    each = len(real) // len(CLASSES)
    right, fakes = 0, []
    for label, prompt in enumerate(CLASSES):
        images = sampler.run(sampler.request(n=each, seed=50_000 + label, prompt=prompt)).images
        right += int((_judge().read(judge_input(images))[:, 0] == label).sum())
        fakes.append(features(images))
    fake = torch.cat(fakes)
    return {
        "count": len(fake),
        "accuracy": round(right / len(fake), 4),
        "frechet": round(frechet_distance(real, fake), 2),
        "coverage": round(diversity(real, fake).coverage, 3),
    }
