"""What sets of known faults score."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from models.data.gallery import landscapes
from models.evaluation import samples
from models.evaluation.samples import blurred, compare, grained, references
from models.evaluation.worlds import WORLDS
from tests.models.evaluation.known import Known, known_world


class Halves(Known):
    """The gallery's first half as the test split, its second as that of training."""

    def __init__(self, world: str, split: str, count: int) -> None:
        super().__init__(world, split, 256)
        half = slice(128) if split == "test" else slice(128, 256)
        self.images, self.indices = self.images[half], self.indices[half]


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, Any]]:
    """The references of small splits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(WORLDS, "faces", known_world("faces", Halves))
        patch.setattr(samples, "MEMORY", 8)
        return references(128)


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


def test_a_network_of_photographs_sees_blur_and_noise(known: dict[str, dict[str, Any]]) -> None:
    seen = {name: measured["photographs"] for name, measured in known.items()}
    for name in ("blur", "noise", "memory"):
        assert seen[name]["frechet"] > 1.5 * seen["floor"]["frechet"]
        assert seen[name]["kernel"] > 4 * abs(seen["floor"]["kernel"])


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


def test_samples_are_compared_with_their_own_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORLDS, "landscapes", known_world("landscapes", Halves))
    scores = compare(landscapes().images[:128], "landscapes")
    assert scores["count"] == 128
    assert abs(scores["frechet"]) < 0.01 < scores["frechet_floor"]
    assert scores["coverage"] == 1
