"""A GAN's two sides, its critics, and a training that goes on from its checkpoint."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor

from models.families.gan import Generator, relativistic_loss
from models.training.film import MOMENTS
from models.training.recipes.gan import CollapsedGANRecipe, GANRecipe
from tests.models.training.few import same, small, use_few_images, use_small_networks

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_images(monkeypatch)
    use_small_networks(monkeypatch)


def made(kind: type[GANRecipe] = GANRecipe, seed: int = 0) -> GANRecipe:
    recipe = small(kind, seed=seed)
    assert isinstance(recipe, GANRecipe)
    return recipe


@pytest.fixture(scope="module")
def ended() -> GANRecipe:
    """One of a few steps, as far as its end."""
    with pytest.MonkeyPatch.context() as patch:
        use_few_images(patch)
        use_small_networks(patch)
        recipe = made()
        for step, progress in enumerate((0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.99)):
            recipe.train_step(step, progress)
    return recipe


@pytest.fixture
def trained(ended: GANRecipe) -> GANRecipe:
    """A copy, which a test may train on."""
    return deepcopy(ended)


def test_a_film_has_a_snapshot_at_each_moment(trained: GANRecipe) -> None:
    moments = trained.describe()["film"]["moments"]
    passes = [moment["passes"] for moment in moments]
    assert passes == sorted(passes)
    assert len(passes) == len(MOMENTS)
    assert set(moments[0]) >= {"loss_g", "loss_d", "score_real", "score_fake", "critics"}


def test_describing_and_shipping_change_nothing(trained: GANRecipe) -> None:
    before = trained.checkpoint_extras()
    snapshots, curve = len(before["reel"]["snapshots"]), len(before["reel"]["curve"])
    first, second = trained.describe(), trained.describe()
    assert first == second
    weights, again = trained.weights(), trained.weights()
    assert all(torch.equal(weights[key], again[key]) for key in weights)
    after = trained.checkpoint_extras()["reel"]
    assert (len(after["snapshots"]), len(after["curve"])) == (snapshots, curve)
    trained.train_step(8, 0.995)  # the end is not yet taken
    assert len(trained.describe()["film"]["moments"]) == len(MOMENTS)


def test_the_last_snapshot_is_the_averaged_generator_with_its_mean_style(
    trained: GANRecipe,
) -> None:
    end = f"snapshots.{len(MOMENTS) - 1}."
    weights, generator = trained.weights(), trained.shipped_generator()
    assert generator.w_mean.abs().max() > 0
    for key, value in generator.state_dict().items():
        assert torch.equal(weights[end + key], value.half())
    z = torch.randn(2048, 64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(generator.w_mean, generator.map(z).mean(0), atol=1e-5)


def test_both_networks_go_on_and_only_the_end_of_the_film_is_new(trained: GANRecipe) -> None:
    weights, card = dict(trained.weights()), trained.describe()
    recipe = made(seed=1)
    recipe.adopt(weights, card)
    assert same(recipe.d, trained.d)
    end = f"snapshots.{len(MOMENTS) - 1}."
    for key, value in recipe.g.state_dict().items():
        assert torch.equal(value, weights[end + key].float())

    recipe.train_step(0, 0.0)
    recipe.train_step(1, 0.9)
    later, film = recipe.weights(), recipe.describe()["film"]
    assert film["moments"][:-1] == card["film"]["moments"][:-1]
    assert film["moments"][-1]["passes"] > card["film"]["moments"][-1]["passes"]
    assert film["curve"][: len(card["film"]["curve"])] == card["film"]["curve"]
    assert film["curve"][-1]["passes"] == film["moments"][-1]["passes"]
    early = [key for key in weights if key.startswith("snapshots.") and not key.startswith(end)]
    assert all(torch.equal(later[key], weights[key]) for key in early)
    assert not torch.equal(later[end + "constant"], weights[end + "constant"])


def test_a_training_that_goes_on_has_half_the_penalty_and_falling_rates(
    trained: GANRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = made(seed=1)
    used: list[float] = []
    update = recipe._update_discriminator

    def noted(real: Tensor, fake: Tensor, gamma: float) -> dict[str, float]:
        used.append(gamma)
        return update(real, fake, gamma)

    monkeypatch.setattr(recipe, "_update_discriminator", noted)
    recipe.train_step(0, 0.0)
    recipe.adopt(dict(trained.weights()), trained.describe())
    recipe.train_step(0, 0.0)
    assert used[1] == pytest.approx(used[0] / 2)
    recipe.train_step(1, 0.4)
    rates = [group["lr"] for o in recipe.optimizers.values() for group in o.param_groups]
    assert rates == pytest.approx([0.6 * recipe.rate] * 3)


def test_a_pair_is_judged_by_one_discriminator() -> None:
    """Real scores from before its last step would shift every pair alike."""
    recipe = made()
    real, _ = recipe.faces.draw(4)
    fake = real.flip(0) * 0.5
    recipe._update_discriminator(real, fake, 0.0)
    with torch.no_grad():
        expected = relativistic_loss(recipe.d(fake), recipe.d(real))
    assert recipe._generator_loss(real, fake).item() == pytest.approx(expected.item(), rel=1e-2)


def test_the_generator_s_loss_leaves_the_discriminator_alone() -> None:
    recipe = made()
    real, _ = recipe.faces.draw(4)
    fake = (real * 0.5).requires_grad_()
    recipe._generator_loss(real, fake).backward()
    assert fake.grad is not None
    assert fake.grad.abs().max() > 0
    assert all(parameter.grad is None for parameter in recipe.d.parameters())
    assert all(parameter.requires_grad for parameter in recipe.d.parameters())


def test_the_generator_learns_from_its_critics() -> None:
    recipe = made()
    assert recipe.critics is not None
    score = recipe.critics.get_parameter("critics.0.score.weight")
    before = score.clone()
    assert "critics" in recipe.train_step(0, 0.0)
    assert not torch.equal(score, before)

    real, _ = recipe.faces.draw(8)
    fake = real.clone().requires_grad_()
    loss, _ = recipe._criticize(recipe.critics, real, fake, 0.0)
    loss.backward()
    assert fake.grad is not None
    assert fake.grad.abs().max() > 0


def test_the_wrong_recipe_has_no_critics_and_the_losses_of_2014() -> None:
    recipe = made(CollapsedGANRecipe)
    assert recipe.critics is None
    assert "critics" not in recipe.modules
    real, _ = recipe.faces.draw(4)
    fake = real.flip(0) * 0.5
    with torch.no_grad():
        expected = torch.nn.functional.softplus(-recipe.d(fake)).mean()
    assert recipe._generator_loss(real, fake).item() == pytest.approx(expected.item(), rel=1e-2)


def test_some_images_mix_two_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = made()
    seen: list[Tensor] = []
    forward = Generator.forward

    def noted(self: Generator, z: Tensor, noise_maps: list[Tensor], cuts: Tensor) -> Tensor:
        seen.append(cuts)
        return forward(self, z, noise_maps, cuts)

    monkeypatch.setattr(Generator, "forward", noted)
    recipe._draw(400)
    (cuts,) = seen
    whole = cuts == recipe.g.layers
    assert whole.float().mean().item() == pytest.approx(1 - recipe.mixed, abs=0.1)
    assert set(cuts[~whole].tolist()) == set(range(1, recipe.g.layers))
