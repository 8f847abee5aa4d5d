"""Recipes on a few images: they learn, show samples, and ship what the model's module loads."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from models.data.dataset import Faces
from models.data.fashion import CLASSES, Fashion, add_border
from models.data.gallery import gallery
from models.data.pixels import LEVEL
from models.families.fashion_diffusion import NO_CLASS
from models.families.patch_autoregressive import PatchGPT, patchify, to_levels
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.parts.judge import Judge, judged
from models.procedures.flow_matching import FlowMatchingSampler
from models.runtime.checkpoint import save_checkpoint
from models.runtime.zoo import Zoo
from models.training.denoising import DROPOUT
from models.training.recipe import Recipe
from models.training.recipes.diffusion import DiffusionRecipe
from models.training.recipes.fashion_diffusion import FashionDiffusionRecipe
from models.training.recipes.flow import FashionFlowRecipe
from models.training.recipes.flow_matching import FlowMatchingRecipe
from models.training.recipes.judge import FashionJudgeRecipe
from models.training.recipes.patch_autoregressive import PatchAutoregressiveRecipe
from tests.models.tiny import SmallFashionDenoiser, pictures, randomized

PHOTOS = 12
RECIPES: list[type[Recipe]] = [
    FlowMatchingRecipe,
    FashionFlowRecipe,
    FashionDiffusionRecipe,
    PatchAutoregressiveRecipe,
    FashionJudgeRecipe,
]
FASHION = RECIPES[1:]
each_recipe = pytest.mark.parametrize("kind", RECIPES, ids=lambda kind: kind.name)
each_fashion_recipe = pytest.mark.parametrize("kind", FASHION, ids=lambda kind: kind.name)


def few_photos(split: str = "train", folder: Path | None = None) -> Fashion:
    """Flat patterns, black around, of classes in turn; other ones in the test split."""
    pixels = pictures(PHOTOS, 4, seed=int(split == "test"))[:, :1].repeat_interleave(5, 2)
    images = torch.full((PHOTOS, 1, 28, 28), -1.0)
    images[:, :, 4:24, 4:24] = (pixels.repeat_interleave(5, 3) * 127.5).round() / 127.5
    return Fashion(images, torch.arange(PHOTOS) % len(CLASSES))


class FewFaces(Faces):
    """The gallery in the place of a rendered split."""

    def __init__(
        self, split: str, count: int, size: int = 64, device: str = "cpu", seed: int = 0
    ) -> None:
        shown = gallery(size)
        pixels = shown.images[:PHOTOS].add(1).mul(127.5).round().byte()
        self.images = pixels.permute(0, 2, 3, 1).contiguous().to(device)
        self.indices = np.array([a.indices() for a in shown.attributes[:PHOTOS]])
        self.device = device
        self.rng = np.random.default_rng(seed)


@pytest.fixture(autouse=True)
def _few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("flow", "fashion_diffusion", "patch_autoregressive", "judge"):
        monkeypatch.setattr(f"models.training.recipes.{module}.fashion", few_photos)
    monkeypatch.setattr("models.training.recipes.diffusion.Faces", FewFaces)
    clip = randomized(CLIP())
    monkeypatch.setattr("models.training.recipes.diffusion.network", lambda name, kind: clip)


class SmallPatchGPT(PatchGPT):
    def __init__(self) -> None:
        super().__init__(dim=12, layers=1, local_dim=16, local_layers=1)


SMALL_FLOW = {
    "side": 28, "patch": 4, "dim": 16, "layers": 1, "heads": 2, "blocks": 2, "channels": 1,
    "noise": 0.0, "lean": True,
}  # fmt: skip


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of the shipped ones' kind that take no time."""
    monkeypatch.setattr(
        DiffusionRecipe, "_network", lambda self: Denoiser(width=8, dim=16, layers=1)
    )
    monkeypatch.setattr(FashionFlowRecipe, "arguments", SMALL_FLOW)
    monkeypatch.setattr(
        "models.training.recipes.fashion_diffusion.FashionDenoiser", SmallFashionDenoiser
    )
    monkeypatch.setattr("models.training.recipes.patch_autoregressive.PatchGPT", SmallPatchGPT)
    judge = {"width": 8, "classes": [len(CLASSES)]}
    monkeypatch.setattr(FashionJudgeRecipe, "arguments", judge)


def learn(recipe: Recipe, steps: int) -> list[float]:
    """Losses of some steps after the warm-up of the rate."""
    losses = [recipe.train_step(200 + step, 0.3) for step in range(steps)]
    return [next(iter(loss.values())) for loss in losses]


@each_recipe
@pytest.mark.usefixtures("_small")
def test_a_recipe_learns_its_few_images(kind: type[Recipe]) -> None:
    recipe = kind("cpu", 0)
    recipe.images_per_step = 8
    losses = learn(recipe, 40)
    assert all(math.isfinite(loss) for loss in losses)
    first, last = np.mean(losses[:10]), np.mean(losses[-10:])
    assert last < first - 0.05 * abs(first)


@each_recipe
@pytest.mark.usefixtures("_small")
def test_every_weight_takes_part_in_training(kind: type[Recipe]) -> None:
    recipe = kind("cpu", 0)
    (module,) = recipe.modules.values()
    learn(recipe, 1)
    assert [key for key, value in module.named_parameters() if value.grad is None] == []


@pytest.mark.usefixtures("_small")
def test_classes_are_learned_with_the_denoiser() -> None:
    recipe = FashionDiffusionRecipe("cpu", 0)
    net = recipe.net
    assert isinstance(net, SmallFashionDenoiser)
    learn(recipe, 4)  # the first ones move what stands between the classes and the output
    for table in (net.classes.tokens, net.classes.pooled):
        assert table.weight.grad is not None
        assert table.weight.grad.abs().amax(1).count_nonzero() > len(CLASSES) / 2


@each_recipe
@pytest.mark.usefixtures("_small")
def test_a_sheet_has_rows_of_eight_colored_pictures(kind: type[Recipe]) -> None:
    recipe = kind("cpu", 0)
    learn(recipe, 1)
    sheet = recipe.sheet()
    side = {"flow-matching": 64, "fashion-judge": 32}.get(kind.name, 28)
    assert sheet.shape[1:] == (3, side, side)
    assert len(sheet) % 8 == 0 or kind is FashionJudgeRecipe  # which shows all it has
    assert sheet.abs().max() <= 1
    learn(recipe, 1)  # showing leaves the networks fit for training


@each_recipe
def test_what_is_shipped_is_what_the_model_s_module_loads(
    kind: type[Recipe], tmp_path: Path
) -> None:
    recipe = kind("cpu", 0)
    recipe.images_per_step = 2
    learn(recipe, 1)
    card = {**recipe.identity(), **recipe.describe()}
    save_checkpoint(kind.name, recipe.weights(), card, tmp_path, bits=kind.bits)
    if kind is FlowMatchingRecipe:
        clip = {"architecture": {"name": "clip"}}
        save_checkpoint("clip", CLIP().state_dict(), clip, tmp_path)
    assert Zoo(tmp_path).load(kind.name).network
    assert card["parameters"] == sum(value.numel() for value in recipe.weights().values())
    assert card["recipe"]["batch"]


@each_fashion_recipe
@pytest.mark.usefixtures("_small")
def test_photos_are_measured_on_the_test_split_alone(
    kind: type[Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = kind("cpu", 0)
    asked: list[str] = []

    def watched(split: str = "train") -> Fashion:
        asked.append(split)
        return few_photos(split)

    for module in ("flow", "fashion_diffusion", "patch_autoregressive", "judge"):
        monkeypatch.setattr(f"models.training.recipes.{module}.fashion", watched)
    measured = recipe.measure()
    assert measured
    assert asked == ([] if kind is FashionDiffusionRecipe else ["test"])


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("kind", [FashionFlowRecipe, PatchAutoregressiveRecipe])
def test_likelihoods_are_exact_and_of_every_test_photo(kind: type[Recipe]) -> None:
    known = kind("cpu", 0).measure()["likelihood"]
    assert (known["kind"], known["count"]) == ("exact", PHOTOS)
    if kind is FashionFlowRecipe:  # untrained it is the identity, so pixels are N(0, 1)
        square = few_photos("test").images.square().mean().item()
        nats = 0.5 * (square + math.log(2 * math.pi))
        assert known["bits_per_dim"] == pytest.approx(
            nats / math.log(2) - math.log2(LEVEL), abs=0.01
        )
    else:
        assert 7.5 < known["bits_per_dim"] < 8.5


@pytest.mark.usefixtures("_small")
def test_the_judge_s_accuracy_is_that_of_the_test_photos() -> None:
    recipe = FashionJudgeRecipe("cpu", 0)
    learn(recipe, 3)
    test = few_photos("test")
    average = recipe.averages["net"].module
    assert isinstance(average, Judge)
    right = average.read(judged(test.images))[:, 0] == test.labels
    expected = right.float().mean().item()
    assert recipe.measure() == {"test_accuracy": pytest.approx(expected, abs=1e-4)}


@pytest.mark.usefixtures("_small")
def test_the_flow_s_photos_are_dequantized_by_one_level() -> None:
    recipe = FashionFlowRecipe("cpu", 0)
    drawn = recipe._draw()
    assert drawn.shape == (32, 1, 28, 28)
    grain = torch.stack([(drawn - photo).abs().amax((1, 2, 3)) for photo in recipe.photos])
    gap, which = grain.min(0)
    assert gap.max() <= LEVEL / 2 + 1e-6
    assert gap.min() > 0.4 * LEVEL
    assert len(which.unique()) > PHOTOS / 2


@pytest.mark.usefixtures("_small")
def test_photos_keep_their_classes_but_some() -> None:
    recipe = FashionDiffusionRecipe("cpu", 0)
    recipe.images_per_step = 4000
    photos = few_photos()
    given: list[Tensor] = []
    net = recipe.net
    assert isinstance(net, SmallFashionDenoiser)
    handle = net.classes.register_forward_hook(lambda reader, labels, out: given.append(labels[0]))
    images, text, _ = recipe._draw()
    handle.remove()
    (labels,) = given
    assert images.shape == (4000, 1, 32, 32)
    assert torch.equal(text.pooled, net.classes.pooled(labels))
    dropped = labels == NO_CLASS
    assert dropped.float().mean() == pytest.approx(DROPOUT, abs=0.02)
    framed = add_border(photos.images).flatten(1)
    which = torch.cdist(images.flatten(1), framed).argmin(1)
    assert torch.equal(images, add_border(photos.images)[which])
    assert torch.equal(labels[~dropped], photos.labels[which][~dropped])


@pytest.mark.usefixtures("_small")
def test_the_autoregressive_recipe_keeps_the_levels_of_the_photos() -> None:
    recipe = PatchAutoregressiveRecipe("cpu", 0)
    assert recipe.patches.dtype == torch.uint8
    assert torch.equal(recipe.patches.long(), patchify(to_levels(few_photos().images[:, 0])))


@pytest.mark.usefixtures("_small")
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
