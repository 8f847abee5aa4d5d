"""CLIP as a judge of prompts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from models.data.gallery import gallery, landscapes
from models.evaluation import prompts
from models.evaluation.prompts import clip_top1, measure_prompts
from models.evaluation.worlds import WORLDS
from models.parts.clip import CLIP
from models.procedures.guided import GuidedParameters
from models.runtime.sampler import State, View
from tests.models.evaluation.known import Faithful, known_world
from tests.models.tiny import AtOnce


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

    def compare(images: Tensor, world: str) -> dict[str, Any]:
        assert world == "faces"
        seen.append(images)
        return {"frechet": 12.5}

    monkeypatch.setitem(WORLDS, "faces", known_world("faces"))
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


class LandscapePainter(AtOnce):
    """Draws the gallery's landscape of a caption."""

    parameters = GuidedParameters

    def preview(self, state: State) -> View:
        shown = landscapes()
        which = [str(a) for a in shown.attributes].index(state.request.parameters.prompt)
        return View(shown.images[which][None])


def test_landscapes_are_read_by_their_own_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORLDS, "landscapes", known_world("landscapes"))
    monkeypatch.setattr(prompts, "full_caption", str)
    monkeypatch.setattr(prompts, "clip_top1", lambda *_: 0.5)
    known = measure_prompts(LandscapePainter(), "combo", 16, "landscapes")
    assert list(known["heads"]) == list(WORLDS["landscapes"].world.heads)
    assert known["mean_head_accuracy"] > 0.98
    assert known["clip_top1"] == 0.5
