"""The loop trains, can be interrupted, and ends with a checkpoint and its card."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from models.checkpoint import load_checkpoint, save_checkpoint
from models.training import loop
from models.training.loop import Loop, save_sheet
from models.training.recipe import EMA, Recipe


class Line(Recipe):
    """Fits y = 3x."""

    name, family, minutes = "line", "toy", 0.01

    def __init__(self, device: str = "cpu", seed: int = 0) -> None:
        super().__init__(device, seed)
        self.net = nn.Linear(1, 1, bias=False)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.9)
        self.optimizers["net"] = torch.optim.Adam(self.net.parameters(), 0.2)
        self.images_per_step = 4
        self.seen: list[float] = []

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        self.seen.append(progress)
        x = torch.randn(4, 1)
        loss = (self.net(x) - 3 * x).square().mean()
        self.optimizers["net"].zero_grad()
        loss.backward()
        self.optimizers["net"].step()
        self.averages["net"].update(self.net, step)
        return {"loss": loss.item()}

    def sheet(self) -> Tensor:
        return torch.zeros(8, 3, 4, 4)

    def weights(self) -> Mapping[str, Tensor]:
        return self.averages["net"].module.state_dict()

    def describe(self) -> dict[str, Any]:
        return {"data": "a line", "recipe": {"loss": "squares"}, "parameters": 1}

    def measure(self) -> dict[str, Any]:
        return {"slope": self.net.weight.item()}

    def checkpoint_extras(self) -> dict[str, Any]:
        return {"seen": len(self.seen)}

    def resume_extras(self, extras: dict[str, Any]) -> None:
        self.seen = [0.0] * extras["seen"]


@pytest.fixture(autouse=True)
def _ship_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        loop, "save_checkpoint", partial(save_checkpoint, folder=tmp_path / "checkpoints")
    )


def test_training_ends_with_checkpoint_card_sheet_and_progress(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = Line()
    training = Loop(recipe, tmp_path, 0.01, seed=5)
    training.run()
    weights, card = load_checkpoint("line", tmp_path / "checkpoints")
    assert weights["weight"].item() == pytest.approx(3, abs=0.5)
    assert card["steps"] == training.step == len(recipe.seen)
    assert card["images"] == 4 * training.step
    assert (card["family"], card["parameters"], card["seed"]) == ("toy", 1, 5)
    assert card["measured"]["slope"] == pytest.approx(3, abs=0.5)
    assert card["command"] == "python -m models.training line --minutes 0.01 --seed 5"
    assert recipe.seen[0] == 0
    assert recipe.seen == sorted(recipe.seen)
    assert recipe.seen[-1] <= 1
    assert len(list(tmp_path.glob("sheet-*.png"))) == 1
    shown = capsys.readouterr().err
    assert "loss" in shown
    assert "min left" in shown


def test_an_interrupted_training_is_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Loop(Line(), tmp_path, 0.005, seed=0)
    first.run()
    recipe = Line(seed=1)
    again = Loop(recipe, tmp_path, 0.01, seed=0)
    assert "resumed at step" in capsys.readouterr().err
    assert (again.step, again.images) == (first.step, first.images)
    assert again.seconds == first.seconds
    assert torch.equal(recipe.net.weight, first.recipe.modules["net"].weight)
    assert torch.equal(
        recipe.averages["net"].module.weight, first.recipe.averages["net"].module.weight
    )
    assert recipe.optimizers["net"].state_dict()["state"][0]["step"] == first.step
    assert len(recipe.seen) == first.step
    again.run()
    assert again.step > first.step
    assert recipe.seen[first.step] >= 0.5


def test_a_shipped_model_can_be_trained_further(tmp_path: Path) -> None:
    first = Loop(Line(), tmp_path / "first", 0.003, seed=0)
    first.run()
    weights, before = load_checkpoint("line", tmp_path / "checkpoints")
    recipe = Line(seed=1)
    second = Loop(recipe, tmp_path / "second", 0.003, seed=1)
    second.continue_from({"weight": torch.tensor([[7.0]])}, before)
    assert recipe.net.weight.item() == recipe.averages["net"].module.weight.item() == 7
    second.run()
    again = Loop(Line(), tmp_path / "second", 0.004, seed=1)
    again.continue_from(weights, before)  # a run to resume goes first
    assert again.step == second.step
    again.run()
    _, card = load_checkpoint("line", tmp_path / "checkpoints")
    assert card["steps"] == first.step + again.step
    assert card["images"] == 4 * card["steps"]
    command = "python -m models.training line --minutes"
    assert card["command"] == f"{command} 0.003 && {command} 0.004 --seed 1 --continue"


def test_networks_that_a_checkpoint_holds_a_part_of_cannot_be_continued() -> None:
    recipe = Line()
    recipe.modules["rival"] = nn.Linear(1, 1)
    with pytest.raises(ValueError, match="line cannot be continued"):
        recipe.adopt({})


def test_a_finished_training_is_only_shipped_again(tmp_path: Path) -> None:
    first = Loop(Line(), tmp_path, 0.005, seed=0)
    first.run()
    again = Loop(Line(), tmp_path, 0.005, seed=0)
    again.run()
    assert again.step == first.step


def test_a_sheet_is_a_grid_of_8_columns(tmp_path: Path) -> None:
    images = torch.linspace(-1, 1, 10)[:, None, None, None].expand(10, 3, 4, 6)
    save_sheet(images, tmp_path / "new" / "sheet.png")
    pixels = np.array(Image.open(tmp_path / "new" / "sheet.png"))
    assert pixels.shape == (8, 48, 3)
    assert (pixels[:4, :6] == 0).all()
    assert (pixels[4:, 6:12] == 255).all()
    assert (pixels[:4, 6:12] == 28).all()
