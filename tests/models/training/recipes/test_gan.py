"""A GAN's training and its film can go on from the checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.data.gallery import gallery
from models.training.recipes import gan
from models.training.recipes.gan import MOMENTS, CollapsedGANRecipe, GANRecipe

pytestmark = pytest.mark.slow


class Gallery:
    """The gallery as a training set."""

    def __init__(self, *args: Any) -> None:
        self.generator = np.random.default_rng(0)

    def draw(self, n: int) -> tuple[Tensor, np.ndarray]:
        rows = self.generator.integers(0, 256, n)
        return gallery().images[rows], rows


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> GANRecipe:
    """One of a few steps, as far as its end."""
    monkeypatch.setattr(gan, "Faces", Gallery)
    recipe = GANRecipe("cpu", 0)
    recipe.images_per_step = 2
    for step, progress in enumerate((0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.99)):
        recipe.train_step(step, progress)
    return recipe


def test_a_film_has_a_snapshot_at_each_moment(trained: GANRecipe) -> None:
    passes = [moment["passes"] for moment in trained.describe()["film"]["moments"]]
    assert passes == sorted(passes)
    assert len(passes) == len(MOMENTS)


def test_both_networks_go_on_and_only_the_end_of_the_film_is_new(trained: GANRecipe) -> None:
    weights, card = dict(trained.weights()), trained.describe()
    recipe = GANRecipe("cpu", 1)
    recipe.images_per_step = 2
    recipe.adopt(weights, card)
    for key, value in recipe.d.state_dict().items():
        assert torch.equal(value, trained.d.state_dict()[key])
    end = f"snapshots.{len(MOMENTS) - 1}."
    for key, value in recipe.g.state_dict().items():
        assert torch.equal(value, weights[end + key].float())

    recipe.train_step(0, 0.0)
    recipe.train_step(1, 0.9)
    later, told = recipe.weights(), recipe.describe()["film"]
    assert told["moments"][:-1] == card["film"]["moments"][:-1]
    assert told["moments"][-1]["passes"] > card["film"]["moments"][-1]["passes"]
    assert told["curve"][: len(card["film"]["curve"])] == card["film"]["curve"]
    assert told["curve"][-1]["passes"] == told["moments"][-1]["passes"]
    early = [key for key in weights if key.startswith("snapshots.") and not key.startswith(end)]
    assert all(torch.equal(later[key], weights[key]) for key in early)
    assert not torch.equal(later[end + "constant"], weights[end + "constant"])


def test_a_training_that_goes_on_has_half_the_penalty_and_falling_rates(
    trained: GANRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = GANRecipe("cpu", 1)
    recipe.images_per_step = 2
    used: list[float] = []
    update = recipe._update_d

    def noted(real: Tensor, fake: Tensor, gamma: float) -> tuple[Tensor, float, float]:
        used.append(gamma)
        return update(real, fake, gamma)

    monkeypatch.setattr(recipe, "_update_d", noted)
    recipe.train_step(0, 0.0)
    recipe.adopt(dict(trained.weights()), trained.describe())
    recipe.train_step(0, 0.0)
    assert used[1] == pytest.approx(used[0] / 2)
    recipe.train_step(1, 0.4)
    rates = [group["lr"] for o in recipe.optimizers.values() for group in o.param_groups]
    assert rates == pytest.approx([0.6 * recipe.rate] * 3)


def test_the_generator_hears_its_critics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gan, "Faces", Gallery)
    recipe = GANRecipe("cpu", 0)
    recipe.images_per_step = 2
    assert recipe.critics is not None
    score = next(iter(recipe.critics.critics)).score.weight
    before = score.clone()
    assert "critics" in recipe.train_step(0, 0.0)
    assert not torch.equal(score, before)

    real, _ = recipe.faces.draw(2)
    fake = real.clone().requires_grad_()
    heard, _ = recipe._criticize(recipe.critics, real, fake, 0.0)
    heard.backward()
    assert fake.grad is not None
    assert fake.grad.abs().max() > 0


def test_the_wrong_recipe_has_no_critics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gan, "Faces", Gallery)
    recipe = CollapsedGANRecipe("cpu", 0)
    assert recipe.critics is None
    assert "critics" not in recipe.modules
