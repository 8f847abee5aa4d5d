"""What sets of known faults score."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from models.data.gallery import gallery
from models.evaluation import samples
from models.evaluation.samples import blurred, grained, references


class Halves:
    """The gallery's first half as the test split, its second as that of training."""

    def __init__(self, split: str, count: int) -> None:
        self.images = gallery().images[:128] if split == "test" else gallery().images[128:]

    def take(self, rows: slice) -> Tensor:
        return self.images[rows]

    def parts(self, size: int) -> list[Tensor]:
        return list(self.images.split(size))


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, Any]]:
    """The references of small splits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "Faces", Halves)
        patch.setattr(samples, "MEMORY", 8)
        samples.real_faces.cache_clear()
        measured = references(128)
    samples.real_faces.cache_clear()
    return measured


def test_spoilt_sets_score_worse_than_the_floor(known: dict[str, dict[str, Any]]) -> None:
    """Made of the very test faces, they would come nearer to them than other real faces do."""
    for name in ("blur", "noise", "memory"):
        assert known[name]["frechet"] > known["floor"]["frechet"]
        assert known[name]["precision"] < 1


def test_each_fault_shows_in_its_own_figure(known: dict[str, dict[str, Any]]) -> None:
    assert known["blur"]["sharpness"] < 0.5 * known["floor"]["sharpness"]
    assert known["noise"]["sharpness"] > 2 * known["floor"]["sharpness"]
    assert known["memory"]["recall"] < 0.3 * known["floor"]["recall"]
    finest = {name: measured["sliced_wasserstein"][0] for name, measured in known.items()}
    assert min(finest["blur"], finest["noise"]) > 2 * finest["floor"]


def test_only_memory_is_its_own_nearest(known: dict[str, dict[str, Any]]) -> None:
    assert known["memory"]["nearest_train"] == 0
    for name in ("floor", "blur", "noise"):
        assert known[name]["nearest_train"] > 10


def test_blur_is_a_mean_and_noise_a_tenth_of_the_range() -> None:
    images = torch.zeros(4, 3, 16, 16)
    images[..., 8, 8] = 0.9
    assert blurred(images)[..., 7:10, 7:10].allclose(torch.tensor(0.1))
    assert blurred(images).shape == images.shape
    assert grained(torch.zeros(4, 3, 64, 64)).std().item() == pytest.approx(0.2, abs=0.01)
    assert torch.equal(grained(images), grained(images))
    assert grained(torch.ones(1, 3, 8, 8)).max() == 1
