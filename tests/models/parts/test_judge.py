"""The attribute judge and the judge of photos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models.data.attributes import HEADS
from models.data.faces import FACES
from models.data.fashion import CLASSES
from models.data.gallery import Gallery, gallery, landscapes
from models.data.landscapes.world import LANDSCAPES
from models.parts.judge import FEATURES, Judge, judge_input, judge_loss
from models.runtime.checkpoint import save_checkpoint
from models.runtime.zoo import network
from models.training.recipes.judge import (
    FashionJudgeRecipe,
    JudgeRecipe,
    LandscapeJudgeRecipe,
)
from tests.models.tiny import pictures, randomized

if TYPE_CHECKING:
    from pathlib import Path

    from models.data.world import World


def test_one_head_an_attribute() -> None:
    judge = randomized(Judge(width=8))
    logits = judge(pictures(3))
    assert [part.shape for part in logits] == [(3, len(values)) for values in HEADS.values()]
    read = judge.read(pictures(3))
    assert read.shape == (3, len(HEADS))
    assert torch.equal(read[:, 1], logits[1].argmax(1))
    assert judge.features(pictures(3)).shape == (3, FEATURES)


def test_a_judge_may_have_other_heads() -> None:
    judge = randomized(Judge(width=8, classes=[3, 2]))
    assert [part.shape for part in judge(pictures(4))] == [(4, 3), (4, 2)]
    assert judge.read(pictures(4)).shape == (4, 2)
    assert judge.features(pictures(4)).shape == (4, FEATURES)


def test_the_judge_of_photos_reads_one_class_off_32_pixels() -> None:
    judge = randomized(Judge(**FashionJudgeRecipe.arguments))
    (logits,) = judge(pictures(6, 32))
    assert logits.shape == (6, len(CLASSES))
    assert torch.equal(judge.read(pictures(6, 32))[:, 0], logits.argmax(1))
    assert judge.features(pictures(6, 32)).shape == (6, FEATURES)


@pytest.mark.parametrize("recipe", [JudgeRecipe, FashionJudgeRecipe, LandscapeJudgeRecipe])
def test_each_judge_is_loaded_as_the_network_it_is(
    tmp_path: Path, recipe: type[JudgeRecipe]
) -> None:
    saved = randomized(Judge(**recipe.arguments))
    card = {"architecture": {"name": recipe.architecture, **recipe.arguments}}
    save_checkpoint(recipe.name, saved.state_dict(), card, tmp_path)
    again = network(recipe.name, Judge, tmp_path)
    assert not again.training
    for own, theirs in zip(saved(pictures(2)), again(pictures(2)), strict=True):
        assert torch.allclose(own, theirs, atol=0.02)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_judge_is_shown_photos_in_a_black_frame(channels: int) -> None:
    images = pictures(3, 28)[:, :1].expand(-1, channels, -1, -1)
    shown = judge_input(images)
    assert shown.shape == (3, 3, 32, 32)
    assert torch.equal(shown, shown[:, :1].expand(-1, 3, -1, -1))
    assert torch.equal(shown[:, 0, 2:-2, 2:-2], images[:, 0])
    frame = torch.ones(32, 32, dtype=torch.bool)
    frame[2:-2, 2:-2] = False
    assert (shown[:, :, frame] == -1).all()


def test_images_are_shrunk_to_32_pixels() -> None:
    judge = randomized(Judge(width=8))
    small = pictures(2, 32)
    large = F.interpolate(small, scale_factor=2)
    assert torch.allclose(judge.features(small), judge.features(large), atol=1e-5)


def test_a_judge_may_look_at_64_pixels() -> None:
    judge = randomized(Judge(width=8, side=64))
    small = pictures(2, 64)
    assert judge.features(small).shape == (2, FEATURES)
    large = F.interpolate(small, scale_factor=2)
    assert torch.allclose(judge.features(small), judge.features(large), atol=1e-5)
    blurred = F.interpolate(F.avg_pool2d(small, 2), scale_factor=2)
    assert not torch.allclose(judge.features(small), judge.features(blurred), atol=0.01)


@pytest.mark.parametrize(
    ("name", "world", "shown"),
    [("judge", FACES, gallery()), ("landscape-judge", LANDSCAPES, landscapes())],
    ids=["faces", "landscapes"],
)
def test_the_shipped_judges_read_the_galleries(
    name: str, world: World[Any, Any], shown: Gallery[Any]
) -> None:
    """Unseen pictures; the bracket is 97% mean accuracy over the heads."""
    labels = np.array([a.indices() for a in shown.attributes])
    right = network(name, Judge).read(shown.images).numpy() == labels
    seen = world.visible(labels)
    accuracy = [right[:, i][seen[:, i]].mean() for i in range(len(world.heads))]
    assert np.mean(accuracy) >= 0.97


def test_hidden_attributes_cost_nothing() -> None:
    logits = [torch.randn(4, 3), torch.randn(4, 2)]
    labels = torch.tensor([[0, 1], [1, 0], [2, 1], [0, 0]])
    seen = torch.tensor([[True, True], [True, False], [False, True], [True, True]])
    loss = judge_loss(logits, labels, seen, smoothing=0.0)
    first = F.cross_entropy(logits[0][[0, 1, 3]], labels[[0, 1, 3], 0])
    second = F.cross_entropy(logits[1][[0, 2, 3]], labels[[0, 2, 3], 1])
    assert loss.item() == pytest.approx((first + second).item(), rel=1e-5)


def test_smoothing_makes_certainty_cost_something() -> None:
    logits, labels = [20 * torch.eye(3)], torch.arange(3)[:, None]
    seen = torch.ones_like(labels, dtype=torch.bool)
    plain, smooth = (judge_loss(logits, labels, seen, s).item() for s in (0.0, 0.02))
    assert plain < 1e-6
    assert smooth == pytest.approx(0.02 * 2 / 3 * 20, rel=1e-3)
