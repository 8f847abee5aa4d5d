"""Sharpening trains a decoder alone, against a critic, and ships the encoder as it was."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest
import torch

from models.parts.efficientnet import EfficientNetLite
from models.parts.tokenizer import ImageTokenizer
from models.runtime.checkpoint import load_checkpoint, save_checkpoint
from models.training import __main__ as command
from models.training import loop
from models.training.loop import Loop
from models.training.objectives import sharpening
from models.training.objectives.sharpening import DecoderRecipe, PatchCritic, balanced, hinge_loss
from models.training.recipes.autoencoder import AutoencoderRecipe
from models.training.recipes.tokenizer import TokenizerRecipe
from tests.models.tiny import pictures
from tests.models.training.few import same, small, use_few_images, use_small_networks

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
each_recipe = pytest.mark.parametrize(
    "kind", [TokenizerRecipe, AutoencoderRecipe], ids=lambda kind: kind.name
)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    use_few_images(monkeypatch)
    use_small_networks(monkeypatch)
    monkeypatch.setattr(sharpening, "lite0", lambda: EfficientNetLite().eval())


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where checkpoints are shipped to and read from."""
    folder = tmp_path / "checkpoints"
    monkeypatch.setattr(loop, "save_checkpoint", partial(save_checkpoint, folder=folder))
    monkeypatch.setattr(command, "load_checkpoint", partial(load_checkpoint, folder=folder))
    return folder


def made(kind: type[DecoderRecipe], seed: int = 0, sharp: bool = True) -> DecoderRecipe:
    recipe = small(kind, seed=seed)
    assert isinstance(recipe, DecoderRecipe)
    if sharp:
        recipe.sharpen()
    return recipe


def test_a_patch_is_scored_by_its_surroundings_alone() -> None:
    critic, images = PatchCritic(8).eval(), pictures(1)
    with torch.no_grad():
        before = critic(images)
        images[:, :, :8, :8] = 1
        moved = (critic(images) - before)[0, 0].abs() > 0
    assert before.shape == (1, 1, 8, 8)
    assert moved[0, 0]
    assert not moved[4:].any()
    assert not moved[:, 4:].any()


def test_the_hinge_asks_for_no_more_than_a_margin() -> None:
    assert hinge_loss(torch.tensor([1.0, 5.0]), torch.tensor([-1.0, -5.0])) == 0
    assert hinge_loss(torch.zeros(3), torch.zeros(3)) == 2


def test_a_term_pulls_as_hard_as_its_share_however_steep_it_is() -> None:
    last = torch.nn.Parameter(torch.randn(4, 3, generator=torch.Generator().manual_seed(0)))
    rebuilt, wanted = pictures(1, 4)[0].reshape(-1, 4) @ last, torch.zeros(12, 3)

    def effect(steepness: float, share: float) -> torch.Tensor:
        loss, term = (rebuilt - wanted).square().mean(), steepness * rebuilt.abs().mean()
        pull = balanced(rebuilt, loss, (term,), (share,), last)
        return torch.autograd.grad(rebuilt, last, pull, retain_graph=True)[0]

    own = effect(1.0, 0.0)
    for steepness in (1e-3, 1.0, 1e3):
        added = effect(steepness, 0.5) - own
        assert added.norm().item() == pytest.approx(0.5 * own.norm().item(), rel=1e-3)


@each_recipe
def test_the_decoder_alone_learns_and_the_critic_with_it(kind: type[DecoderRecipe]) -> None:
    recipe = made(kind)
    critic = recipe.modules["critic"]
    before = {k: v.clone() for k, v in recipe.net.state_dict().items()}
    judged = {k: v.clone() for k, v in critic.named_parameters()}
    for step in range(2):
        losses = recipe.train_step(step, 0.0)
    assert {"loss", "looks", "critic"} <= set(losses)
    for key, value in recipe.net.state_dict().items():
        assert torch.equal(value, before[key]) == (not key.startswith("decoder")), key
    assert any(not torch.equal(v, judged[k]) for k, v in critic.named_parameters())
    assert all(parameter.requires_grad for parameter in critic.parameters())


@each_recipe
def test_what_was_shipped_keeps_its_codes(
    kind: type[DecoderRecipe], tmp_path: Path, shelf: Path
) -> None:
    first = made(kind, sharp=False)
    Loop(first, tmp_path / "a", 1, seed=0, passes=first.images_per_step).run()
    shipped, card = load_checkpoint(kind.name, shelf)
    assert "perceptual" not in card["recipe"]

    recipe = made(kind, seed=1)
    training = Loop(recipe, tmp_path / "b", 1, 1, recipe.images_per_step, options=" --sharpen")
    training.continue_from(shipped, card)
    training.run()
    weights, card = load_checkpoint(kind.name, shelf)
    kept = {key for key in weights if not key.startswith("decoder")}
    assert kept
    assert all(torch.equal(weights[key], shipped[key]) for key in kept)
    assert card["recipe"]["trained"] == "decoder"
    assert card["recipe"]["perceptual"]["share"] == sharpening.PERCEPTUAL
    assert card["command"].endswith("--sharpen --continue")
    assert "perceptual" not in card["earlier"]["recipe"]

    again = made(kind, seed=2)
    Loop(again, tmp_path / "b", 1, seed=1, passes=2 * recipe.images_per_step)
    assert same(again.net, recipe.net)
    assert same(again.modules["critic"], recipe.modules["critic"])


def test_only_what_was_shipped_can_be_sharpened(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ["--runs", str(tmp_path), "--passes", "8"]
    for wrong in (["tokenizer"], ["vae", "--continue"]):
        monkeypatch.setattr(sys, "argv", ["training", *wrong, *folder, "--sharpen"])
        with pytest.raises(SystemExit, match="tokenizer or the autoencoder"):
            command.main()

    weights = ImageTokenizer(**TokenizerRecipe.arguments).state_dict()
    card = {"command": "it", "recipe": {}, "steps": 1, "images": 8, "seconds": 1}
    save_checkpoint("tokenizer", weights, card, shelf)
    monkeypatch.setattr(sys, "argv", ["training", "tokenizer", *folder, "--continue", "--sharpen"])
    command.main()
    command_line = load_checkpoint("tokenizer", shelf)[1]["command"]
    assert (
        command_line == "it && python -m models.training tokenizer --passes 8 --sharpen --continue"
    )
