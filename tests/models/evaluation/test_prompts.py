"""CLIP as a judge of prompts."""

from __future__ import annotations

import torch
from torch import Tensor

from models.clip import CLIP
from models.evaluation import prompts
from models.evaluation.prompts import clip_top1


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
