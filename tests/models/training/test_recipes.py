"""What recipes share: averages, rates, losses and the truth of captions."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from models.data.captions import phrases, tokenizer
from models.data.gallery import gallery
from models.families.diffusion import CosineSchedule
from models.families.gan import Discriminator
from models.parts.denoiser import Denoiser
from models.runtime.zoo import ENTRIES
from models.training.__main__ import RECIPES
from models.training.denoising import (
    DROPOUT,
    Batch,
    clean_loss,
    drop_captions,
    stratified_times,
    velocity_loss,
)
from models.training.recipe import EMA, Recipe, count_parameters, prefixed, set_rate
from models.training.recipes.clip import caption_truth
from models.training.recipes.gan import gradient_penalty, relativistic_loss
from tests.models.parts.test_denoiser import text
from tests.models.tiny import pictures


@pytest.mark.parametrize("name", ENTRIES)
def test_every_model_has_a_recipe_of_its_name_and_family(name: str) -> None:
    module, class_name = RECIPES[name].split(":")
    recipe = getattr(importlib.import_module(f"models.training.recipes.{module}"), class_name)
    assert issubclass(recipe, Recipe)
    assert (recipe.name, recipe.family) == (name, ENTRIES[name].family)
    assert recipe.minutes > 0


def test_the_average_forgets_its_start_then_follows_slowly() -> None:
    module = nn.Linear(1, 1)
    average = EMA(module, decay=0.9)
    nn.init.constant_(module.weight, 1.0)
    nn.init.constant_(average.module.weight, 0.0)
    average.update(module, 0)
    assert average.module.weight.item() == pytest.approx(1 - 1 / 10)
    before = average.module.weight.item()
    average.update(module, 10_000)
    assert average.module.weight.item() == pytest.approx(before * 0.9 + 0.1)
    assert not average.module.weight.requires_grad


def test_buffers_are_copied_not_averaged() -> None:
    module = nn.BatchNorm1d(2)
    average = EMA(module)
    assert module.running_mean is not None
    module.running_mean.fill_(7.0)
    average.update(module, 0)
    assert average.module.running_mean.tolist() == [7, 7]


def rate(progress: float, step: int) -> float:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    set_rate(optimizer, 2.0, progress, step)
    return float(optimizer.param_groups[0]["lr"])


def test_the_rate_warms_up_holds_and_falls() -> None:
    assert rate(0.0, 0) == pytest.approx(2 / 200)
    assert rate(0.1, 99) == pytest.approx(1.0)
    assert rate(0.5, 500) == rate(0.3, 300) == 2.0
    assert rate(0.8, 800) == pytest.approx(2 * (1 - 0.95 / 2))
    assert rate(1.0, 1000) == pytest.approx(0.1)


def test_weights_are_named_by_module_and_counted() -> None:
    module = nn.Linear(3, 2)
    assert set(prefixed("d", module)) == {"d.weight", "d.bias"}
    assert count_parameters(module, module) == 16


def test_relativistic_pairs_cost_log_2_when_equal_and_nothing_when_won() -> None:
    scores = torch.randn(5)
    assert relativistic_loss(scores, scores).item() == pytest.approx(math.log(2))
    assert relativistic_loss(scores + 50, scores) < 1e-6
    assert relativistic_loss(scores - 50, scores).item() == pytest.approx(50)


def test_the_penalty_is_the_squared_gradient_of_the_logit() -> None:
    class Plane(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return (images * 2).sum((1, 2, 3))

    penalty = gradient_penalty(Plane(), torch.zeros(3, 3, 4, 4))  # type: ignore[arg-type]
    assert penalty.item() == pytest.approx(4 * 3 * 4 * 4)


def test_the_penalty_trains_the_discriminator() -> None:
    discriminator = Discriminator()
    gradient_penalty(discriminator, pictures(2)).backward()
    assert discriminator.stem.weight.grad is not None
    assert discriminator.stem.weight.grad.abs().max() > 0


def test_times_cover_the_interval_evenly() -> None:
    times = stratified_times(100, "cpu")
    assert not torch.equal(times, times.sort().values)
    assert torch.equal((times * 100).floor().sort().values, torch.arange(100.0))


def test_captions_are_dropped_at_their_rate() -> None:
    ids = tokenizer().encode("a red afro").ids.expand(20_000, -1)
    dropped = (drop_captions(ids) == tokenizer().encode("").ids).all(1)
    kept = (drop_captions(ids) == ids).all(1)
    assert dropped.float().mean() == pytest.approx(DROPOUT, abs=0.01)
    assert kept.float().mean() == pytest.approx(1 - DROPOUT, abs=0.01)
    assert 0.10 <= DROPOUT <= 0.15


def test_an_untrained_network_pays_the_velocity_s_variance() -> None:
    net = Denoiser(width=8, dim=16, layers=1)
    x0 = pictures(4) / pictures(4).std()
    loss = velocity_loss(net, CosineSchedule(), Batch(x0, text(4)), stratified_times(4, "cpu"))
    assert loss.item() == pytest.approx(1, abs=0.1)


def test_a_weight_is_of_the_places_of_the_loss() -> None:
    net, x0 = Denoiser(width=8, dim=16, layers=1), pictures(4)
    weight = torch.zeros(4, 1, 64, 64)
    weight[:, :, :32] = 2
    losses = []
    for batch in (Batch(x0, text(4), weight), Batch(x0, text(4))):
        torch.manual_seed(1)
        losses.append(velocity_loss(net, CosineSchedule(), batch, torch.full((4,), 0.6)))
    torch.manual_seed(1)
    target = CosineSchedule().velocity(x0, torch.randn_like(x0), torch.full((4,), 0.6))
    upper = target[:, :, :32].square().mean()  # untrained: predicts zero
    assert losses[0].item() == pytest.approx(upper.item(), rel=1e-5)
    assert losses[1].item() == pytest.approx(target.square().mean().item(), rel=1e-5)


def test_the_clean_loss_is_the_velocity_s_where_noise_is_strong() -> None:
    net, schedule, x0 = Denoiser(width=8, dim=16, layers=1), CosineSchedule(), pictures(4)
    torch.nn.init.normal_(net.head.weight, std=0.05)
    t, words = torch.full((4,), 0.6), text(4)
    torch.manual_seed(1)
    clean = clean_loss(net, schedule, Batch(x0, words), t)
    torch.manual_seed(1)
    epsilon = torch.randn_like(x0)
    x = schedule.add_noise(x0, epsilon, t)
    alpha, sigma = schedule.alpha_sigma(t)
    velocity = (alpha * x - net(x, t, words)) / sigma
    assert clean.item() == pytest.approx(
        (velocity - schedule.velocity(x0, epsilon, t)).square().mean().item(), rel=1e-5
    )


def test_the_clean_loss_is_bounded_where_noise_is_faint() -> None:
    net, x0 = Denoiser(width=8, dim=16, layers=1), pictures(4)  # untrained: predicts zero
    loss = clean_loss(net, CosineSchedule(), Batch(x0, text(4)), torch.full((4,), 0.001))
    assert loss.item() == pytest.approx(100 * x0.square().mean().item(), rel=1e-4)


def test_a_caption_is_true_of_every_face_that_shows_its_phrases() -> None:
    face = gallery().attributes[0]
    other = replace(face, background="white" if face.background != "white" else "gray")
    seen = [phrases(face), phrases(other)]
    about_shirt = {"clothing": seen[0]["clothing"]}
    said = [about_shirt, {**about_shirt, "background": seen[1]["background"]}, {}]
    assert caption_truth(said, seen).tolist() == [[True, False, True], [True, True, True]]
