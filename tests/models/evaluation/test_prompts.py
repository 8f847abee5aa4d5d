"""CLIP as a judge of prompts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from models.data.gallery import gallery
from models.evaluation import prompts
from models.evaluation.prompts import clip_top1, measure_prompts
from models.parts.clip import CLIP
from tests.models.evaluation.known import Faithful, Known


class Told(CLIP):
    """Prefers, for image i, the caption whose number is the image's brightness."""

    def similarity(self, images: Tensor, ids: Tensor) -> Tensor:
        wanted = images.amax((1, 2, 3)).long()
        return torch.nn.functional.one_hot(wanted, len(ids)).float()


def bright(*levels: int) -> Tensor:
    return torch.tensor(levels).float().view(-1, 1, 1, 1).expand(-1, 3, 8, 8)


def test_the_share_of_images_that_find_their_caption() -> None:
    captions = ["a bun", "an afro", "a cap", "a bob"]
    assert clip_top1(Told(), bright(0, 1, 2, 3), captions) == 1
    assert clip_top1(Told(), bright(0, 2, 2, 0), captions) == 0.5


def test_an_equal_caption_is_as_good() -> None:
    assert clip_top1(Told(), bright(1, 0), ["a bun", "a bun"]) == 1


def test_captions_compete_in_groups(monkeypatch) -> None:
    monkeypatch.setattr(prompts, "RIVALS", 2)
    captions = ["a bun", "an afro", "a cap", "a bob", "pigtails"]
    assert clip_top1(Told(), bright(0, 1, 0, 1, 0), captions) == 1
    assert clip_top1(Told(), bright(1, 1, 1, 1, 0), captions) == 3 / 5


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """What is compared with real faces."""
    seen: list[Tensor] = []

    def compare(images: Tensor) -> dict[str, Any]:
        seen.append(images)
        return {"frechet": 12.5}

    monkeypatch.setattr(prompts, "Faces", Known)
    monkeypatch.setattr(prompts, "compare", compare)
    monkeypatch.setattr(prompts, "ENOUGH", 16)
    return seen


def test_faces_that_show_their_captions_are_found_right(compared: list[Tensor]) -> None:
    known = measure_prompts(Faithful(), "test", 16)
    assert known["mean_head_accuracy"] > 0.98
    assert known["clip_top1"] > 0.9
    assert known["likeness"] == {"frechet": 12.5}
    (images,) = compared
    assert images.shape == (16, 3, 64, 64)
    assert (images - gallery().images[:16]).abs().mean() < 0.02


def test_few_captions_and_held_out_pairs_are_not_compared(compared: list[Tensor]) -> None:
    assert "likeness" not in measure_prompts(Faithful(), "test", 15)
    assert "likeness" not in measure_prompts(Faithful(), "combo", 16)
    assert compared == []
