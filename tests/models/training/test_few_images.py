"""Recipes on a few images: they learn them, show samples, and measure the test split alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from models.data.fashion import CLASSES, Fashion, add_border
from models.data.pixels import LEVEL
from models.families.fashion_diffusion import NO_CLASS
from models.families.patch_autoregressive import patchify, to_levels
from models.parts.judge import Judge, judge_input
from models.procedures.flow_matching import FlowMatchingSampler
from models.training.objectives.denoising import DROPOUT
from models.training.recipes.diffusion import DiffusionRecipe
from models.training.recipes.fashion_diffusion import FashionDiffusionRecipe
from models.training.recipes.flow import FashionFlowRecipe
from models.training.recipes.flow_matching import FlowMatchingRecipe
from models.training.recipes.judge import FashionJudgeRecipe
from models.training.recipes.patch_autoregressive import PatchAutoregressiveRecipe
from tests.models.tiny import SmallFashionDenoiser
from tests.models.training.few import COUNT, few_photos, modules, use_few_images, use_small_networks

if TYPE_CHECKING:
    from models.training.recipe import Recipe

RECIPES: list[type[Recipe]] = [
    FlowMatchingRecipe,
    FashionFlowRecipe,
    FashionDiffusionRecipe,
    PatchAutoregressiveRecipe,
    FashionJudgeRecipe,
]
FASHION = RECIPES[1:]
pytestmark = pytest.mark.slow
each_recipe = pytest.mark.parametrize("kind", RECIPES, ids=lambda kind: kind.name)
each_fashion_recipe = pytest.mark.parametrize("kind", FASHION, ids=lambda kind: kind.name)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_images(monkeypatch)
    use_small_networks(monkeypatch)


def learn(recipe: Recipe, steps: int) -> list[float]:
    """Losses of some steps after the warm-up of the rate."""
    losses = [recipe.train_step(200 + step, 0.3) for step in range(steps)]
    return [next(iter(loss.values())) for loss in losses]


@each_recipe
def test_a_recipe_learns_its_few_images(kind: type[Recipe]) -> None:
    recipe = kind("cpu", 0)
    recipe.images_per_step = 8
    losses = learn(recipe, 40)
    assert all(math.isfinite(loss) for loss in losses)
    first, last = np.mean(losses[:10]), np.mean(losses[-10:])
    assert last < first - 0.05 * abs(first)


@each_recipe
def test_every_weight_takes_part_in_training(kind: type[Recipe]) -> None:
    recipe = kind("cpu", 0)
    learn(recipe, 1)
    for module in recipe.modules.values():
        assert [key for key, value in module.named_parameters() if value.grad is None] == []


def test_classes_are_learned_with_the_denoiser() -> None:
    recipe = FashionDiffusionRecipe("cpu", 0)
    net = recipe.net
    assert isinstance(net, SmallFashionDenoiser)
    learn(recipe, 4)  # the first ones move what stands between the classes and the output
    for table in (net.classes.tokens, net.classes.pooled):
        assert table.weight.grad is not None
        assert table.weight.grad.abs().amax(1).count_nonzero() > len(CLASSES) / 2


@each_recipe
def test_a_sheet_has_rows_of_eight_colored_pictures(kind: type[Recipe]) -> None:
    recipe = kind("cpu", 0)
    learn(recipe, 1)
    sheet = recipe.sheet()
    side = {"flow-matching": 64, "fashion-judge": 32}.get(kind.name, 28)
    assert sheet.shape[1:] == (3, side, side)
    assert len(sheet) % 8 == 0 or kind is FashionJudgeRecipe  # which shows all it has
    assert sheet.abs().max() <= 1
    learn(recipe, 1)  # showing leaves the networks fit for training


@each_fashion_recipe
def test_photos_are_measured_on_the_test_split_alone(
    kind: type[Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = kind("cpu", 0)
    asked: list[str] = []

    def watched(split: str = "train") -> Fashion:
        asked.append(split)
        return few_photos(split)

    for module in modules():
        if hasattr(module, "fashion"):
            monkeypatch.setattr(module, "fashion", watched)
    measured = recipe.measure()
    assert measured
    assert asked == ([] if kind is FashionDiffusionRecipe else ["test"])


@pytest.mark.parametrize("kind", [FashionFlowRecipe, PatchAutoregressiveRecipe])
def test_likelihoods_are_exact_and_of_every_test_photo(kind: type[Recipe]) -> None:
    known = kind("cpu", 0).measure()["likelihood"]
    assert (known["kind"], known["count"]) == ("exact", COUNT)
    if kind is FashionFlowRecipe:  # untrained it is the identity, so pixels are N(0, 1)
        square = few_photos("test").images.square().mean().item()
        nats = 0.5 * (square + math.log(2 * math.pi))
        assert known["bits_per_dim"] == pytest.approx(
            nats / math.log(2) - math.log2(LEVEL), abs=0.01
        )
    else:
        assert 7.5 < known["bits_per_dim"] < 8.5


def test_the_judge_s_accuracy_is_that_of_the_test_photos() -> None:
    recipe = FashionJudgeRecipe("cpu", 0)
    learn(recipe, 3)
    test = few_photos("test")
    average = recipe.averages["net"].module
    assert isinstance(average, Judge)
    right = average.read(judge_input(test.images))[:, 0] == test.labels
    expected = right.float().mean().item()
    assert recipe.measure() == {"test_accuracy": pytest.approx(expected, abs=1e-4)}


def test_the_flow_s_photos_are_dequantized_by_one_level() -> None:
    recipe = FashionFlowRecipe("cpu", 0)
    drawn = recipe._draw()
    assert drawn.shape == (32, 1, 28, 28)
    grain = torch.stack([(drawn - photo).abs().amax((1, 2, 3)) for photo in recipe.photos])
    gap, which = grain.min(0)
    assert gap.max() <= LEVEL / 2 + 1e-6
    assert gap.min() > 0.4 * LEVEL
    assert len(which.unique()) > COUNT / 2


def test_photos_keep_their_classes_but_some() -> None:
    recipe = FashionDiffusionRecipe("cpu", 0)
    recipe.images_per_step = 4000
    photos = few_photos()
    images, given, *_ = recipe._draw()
    labels = given["label"]
    assert images.shape == (4000, 1, 32, 32)
    dropped = labels == NO_CLASS
    assert dropped.float().mean() == pytest.approx(DROPOUT, abs=0.02)
    framed = add_border(photos.images).flatten(1)
    which = torch.cdist(images.flatten(1), framed).argmin(1)
    assert torch.equal(images, add_border(photos.images)[which])
    assert torch.equal(labels[~dropped], photos.labels[which][~dropped])


def test_the_autoregressive_recipe_keeps_the_levels_of_the_photos() -> None:
    recipe = PatchAutoregressiveRecipe("cpu", 0)
    assert recipe.patches.dtype == torch.uint8
    assert torch.equal(recipe.patches.long(), patchify(to_levels(few_photos().images[:, 0])))


def test_flow_matching_is_the_diffusion_recipe_on_straight_paths() -> None:
    straight, curved = FlowMatchingRecipe("cpu", 0), DiffusionRecipe("cpu", 0)
    assert torch.equal(straight.net.stem.weight, curved.net.stem.weight)
    first, second = (recipe._draw()[0] for recipe in (straight, curved))
    assert torch.equal(first, second)
    assert isinstance(straight.sampler(), FlowMatchingSampler)
    cards = straight.describe(), curved.describe()
    for key in ("optimizer", "rate", "batch", "ema", "caption_dropout"):
        assert cards[0]["recipe"][key] == cards[1]["recipe"][key]
    assert cards[0]["recipe"]["schedule"] != cards[1]["recipe"]["schedule"]
    assert cards[0]["data"] == cards[1]["data"]
    assert straight.measure()["sampling"].startswith("euler, ")
