"""The loop trains, can be interrupted, and ends with a checkpoint and its card."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from models.runtime.checkpoint import load_card, load_checkpoint, save_checkpoint
from models.training import loop
from models.training.__main__ import main
from models.training.loop import Loop, save_sheet
from models.training.recipe import EMA, Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def weight(module: nn.Module) -> Tensor:
    return module.get_parameter("weight")


class Line(Recipe):
    """Fits y = 3x."""

    name, family, minutes = "line", "toy", 0.01
    architecture = "line"

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


class Ray(Line):
    """Another line, which the first may begin from."""

    name = "ray"


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
    assert torch.equal(recipe.net.weight, weight(first.recipe.modules["net"]))
    assert torch.equal(
        weight(recipe.averages["net"].module),
        weight(first.recipe.averages["net"].module),
    )
    assert recipe.optimizers["net"].state_dict()["state"][0]["step"] == first.step
    assert len(recipe.seen) == first.step
    again.run()
    assert again.step > first.step
    assert recipe.seen[first.step] >= 0.5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_saves_what_was_learned_and_ships_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    class Interrupted(Line):
        def train_step(self, step: int, progress: float) -> dict[str, float]:
            if step == 3:
                os.kill(os.getpid(), number)
            return super().train_step(step, progress)

    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    training = Loop(Interrupted(), tmp_path, 1, seed=0, passes=40)
    with pytest.raises(KeyboardInterrupt):
        training.run()
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before
    assert not (tmp_path / "checkpoints").exists()
    recipe = Line(seed=1)
    again = Loop(recipe, tmp_path, 1, seed=0, passes=40)
    assert again.step == training.step == 3
    assert torch.equal(recipe.net.weight, weight(training.recipe.modules["net"]))


def test_a_shipped_model_can_be_trained_further(tmp_path: Path) -> None:
    first = Loop(Line(), tmp_path / "first", 0.003, seed=0)
    first.run()
    weights, before = load_checkpoint("line", tmp_path / "checkpoints")
    recipe = Line(seed=1)
    second = Loop(recipe, tmp_path / "second", 0.003, seed=1)
    second.continue_from({"weight": torch.tensor([[7.0]])}, before)
    assert recipe.net.weight.item() == weight(recipe.averages["net"].module).item() == 7
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
    assert card["earlier"]["steps"] == first.step
    assert card["earlier"]["recipe"] == before["recipe"]
    assert card["earlier"]["hardware"] == before["hardware"]
    assert card["earlier"]["curve"] == before["curve"]
    assert card["curve"][0]["images"] > first.images
    assert card["curve"][-1]["images"] == card["images"]


def test_what_does_not_depend_on_the_weights_outlives_a_continued_training(
    tmp_path: Path,
) -> None:
    measured = {"stability": {"failed": 0.2}, "speed": {"steps": 1}, "samples": {"frechet": 9}}
    before = {"command": "a", "steps": 1, "images": 4, "seconds": 1, "measured": measured}
    training = Loop(Line(), tmp_path / "run", 1, seed=0, passes=8)
    training.continue_from({"weight": torch.tensor([[7.0]])}, before)
    training.run()
    Loop(Line(), tmp_path / "run", 1, seed=0, passes=12).run()  # resumed and shipped again
    known = load_card("line", tmp_path / "checkpoints")["measured"]
    assert known["stability"] == measured["stability"]
    assert known["speed"] == measured["speed"]
    assert "samples" not in known
    assert "slope" in known


def test_a_model_may_begin_with_what_fits_of_another(tmp_path: Path) -> None:
    lender = {
        "name": "ray",
        "sha256": "ab",
        "images": 80,
        "seconds": 9,
        "command": "r",
        "steps": 20,
    }
    weights = {"weight": torch.tensor([[7.0]]), "bias": torch.ones(1)}
    recipe = Line()
    training = Loop(recipe, tmp_path / "run", 0.003, seed=0)
    training.borrow_from(weights, lender)
    assert recipe.net.weight.item() == weight(recipe.averages["net"].module).item() == 7
    training.run()
    _, card = load_checkpoint("line", tmp_path / "checkpoints")
    assert card["origin"] == {
        "name": "ray", "sha256": "ab", "images": 80, "seconds": 9, "command": "r", "parameters": 1
    }  # fmt: skip
    assert card["steps"] == training.step
    assert card["command"] == "python -m models.training line --minutes 0.003 --from ray"
    again = Loop(Line(), tmp_path / "run", 0.003, seed=0)
    again.borrow_from(weights, lender | {"name": "other"})  # a run to resume goes first
    assert again.origin["name"] == "ray"
    assert weight(again.recipe.modules["net"]).item() != 7


def test_weights_of_another_shape_are_not_borrowed() -> None:
    recipe = Line()
    before = recipe.net.weight.item()
    assert recipe.borrow({"weight": torch.ones(2, 1)}) == 0
    assert recipe.net.weight.item() == before


def test_training_may_end_after_a_number_of_images(tmp_path: Path) -> None:
    recipe = Line()
    training = Loop(recipe, tmp_path, 1e9, seed=5, passes=40)
    assert training.progress == 0
    training.run()
    assert (training.step, training.images, training.progress) == (10, 40, 1)
    assert recipe.seen == pytest.approx([step / 10 for step in range(10)])
    _, card = load_checkpoint("line", tmp_path / "checkpoints")
    assert (card["steps"], card["images"]) == (10, 40)
    assert card["command"] == "python -m models.training line --passes 40 --seed 5"


def test_a_last_batch_may_go_beyond_the_number_of_images(tmp_path: Path) -> None:
    training = Loop(Line(), tmp_path, 0.01, seed=0, passes=42)
    training.run()
    assert (training.images, training.progress) == (44, 1)


def test_images_of_an_interrupted_training_count(tmp_path: Path) -> None:
    Loop(Line(), tmp_path, 0.01, seed=0, passes=20).run()
    recipe = Line()
    again = Loop(recipe, tmp_path, 0.01, seed=0, passes=40)
    assert again.progress == 0.5
    again.run()
    assert (again.step, again.images) == (10, 40)
    assert recipe.seen[5:] == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9])


def test_progress_is_a_share_of_the_time_where_no_images_are_counted(tmp_path: Path) -> None:
    training = Loop(Line(), tmp_path, 2.0, seed=0)
    for seconds, share in ((0.0, 0), (30.0, 0.25), (120.0, 1), (500.0, 1)):
        training.seconds = seconds
        assert training.progress == share


def test_a_training_may_have_to_end_at_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Loop(Line(), tmp_path, 2.0, seed=0, until=1090.0)
    for moment, seconds, share in (
        (1000, 0, 0),
        (1060, 30, 1 / 2),  # half a minute was no training: 30 seconds are left of 60
        (1060, 75, 75 / 105),  # most of it in an earlier run
        (1060, 110, 110 / 120),  # the minutes are over sooner
        (1090, 40, 1),
        (1200, 0, 0),  # it has not begun
    ):
        monkeypatch.setattr("models.training.loop.time.time", partial(float, moment))
        training.seconds = seconds
        assert training.progress == pytest.approx(share)
    training.seconds = 45
    training.run()
    assert training.step == 0
    command = load_card("line", tmp_path / "checkpoints")["command"]
    assert command == "python -m models.training line --minutes 0.75"


@pytest.mark.parametrize("bits", [8, 16])
def test_a_recipe_decides_with_how_many_bits_it_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: int
) -> None:
    monkeypatch.setattr(Line, "bits", bits)
    Loop(Line(), tmp_path, 0.01, seed=0, passes=4).run()
    assert load_card("line", tmp_path / "checkpoints")["bits"] == bits


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``python -m models.training`` with toys for recipes."""
    known = {"ray": Ray, "line": Line}
    monkeypatch.setattr("models.training.__main__.recipes", lambda: known)
    monkeypatch.setattr("models.training.__main__.RUNS", tmp_path)

    def run(*arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", ["training", *arguments])
        main()

    return run


def test_the_command_line_counts_images(tmp_path: Path, command: Callable[..., None]) -> None:
    command("line", "--passes", "24", "--seed", "3")
    _, card = load_checkpoint("line", tmp_path / "checkpoints")
    assert (card["images"], card["seed"]) == (24, 3)
    assert card["command"] == "python -m models.training line --passes 24 --seed 3"
    assert (tmp_path / "line" / "state.pt").exists()


def test_the_command_line_borrows_from_a_shipped_model(
    command: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "models.training.__main__.load_checkpoint",
        partial(load_checkpoint, folder=tmp_path / "checkpoints"),
    )
    command("line", "--passes", "40")
    first = load_card("line", tmp_path / "checkpoints")
    (tmp_path / "line" / "state.pt").unlink()
    (tmp_path / "checkpoints" / "line.json").rename(tmp_path / "checkpoints" / "ray.json")
    (tmp_path / "checkpoints" / "line.safetensors").rename(
        tmp_path / "checkpoints" / "ray.safetensors"
    )
    command("line", "--passes", "8", "--from", "ray")
    card = load_card("line", tmp_path / "checkpoints")
    assert card["images"] == 8
    assert card["origin"]["sha256"] == first["sha256"]
    with pytest.raises(SystemExit):
        command("line", "--from", "ray", "--continue")


def test_nothing_is_shipped_if_the_time_was_over_at_the_start(
    tmp_path: Path, command: Callable[..., None]
) -> None:
    with pytest.raises(SystemExit, match="line: the time was over"):
        command("line", "--minutes", "1", "--until", "1000")
    assert not (tmp_path / "checkpoints").exists()
    command("line", "--passes", "8", "--runs", str(tmp_path / "other"))
    command("line", "--until", "1000", "--runs", str(tmp_path / "other"))  # what it has learned
    assert load_card("line", tmp_path / "checkpoints")["steps"] == 2


def test_all_recipes_are_trained_in_their_order(
    tmp_path: Path, command: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "models.training.__main__.load_checkpoint",
        partial(load_checkpoint, folder=tmp_path / "checkpoints"),
    )
    monkeypatch.setattr(Line, "lender", "ray")
    monkeypatch.setattr(Ray, "lender", None, raising=False)
    command("all", "--passes", "8")
    ray, line = (load_card(name, tmp_path / "checkpoints") for name in ("ray", "line"))
    assert line["origin"]["sha256"] == ray["sha256"]


def test_the_names_are_listed_in_their_order(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    command("--list")
    assert capsys.readouterr().out.split() == ["ray", "line"]


@pytest.mark.parametrize("arguments", [[], ["line", "--list"], ["circle"]])
def test_the_command_line_wants_one_thing_that_it_knows(
    command: Callable[..., None], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        command(*arguments)
    assert stopped.value.code == 2


def test_a_recipe_may_name_its_lender(
    command: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    lent = {"name": "ray", "sha256": "ab", "images": 80, "seconds": 9, "command": "r"}

    def load(name: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
        asked.append(name)
        return {"weight": torch.tensor([[7.0]])}, lent

    monkeypatch.setattr("models.training.__main__.load_checkpoint", load)
    monkeypatch.setattr(Line, "lender", "ray")
    command("line", "--passes", "8")
    assert asked == ["ray"]
    card = load_card("line", tmp_path / "checkpoints")
    assert card["command"] == "python -m models.training line --passes 8 --from ray"


def test_networks_are_compiled_if_asked(
    command: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[tuple[nn.Module, dict[str, Any]]] = []
    monkeypatch.setattr(nn.Module, "compile", lambda self, **how: compiled.append((self, how)))
    command("line", "--passes", "4")
    assert compiled == []
    command("line", "--passes", "8", "--compile")
    ((network, how),) = compiled
    assert isinstance(network, nn.Linear)
    assert how == {"dynamic": False}


def test_compiling_renames_no_weight(tmp_path: Path) -> None:
    """Compiled with a backend that needs no compiler: what ships and resumes is unchanged."""
    recipe = Line()
    recipe.net.compile(backend="eager")
    Loop(recipe, tmp_path, 0.01, seed=0, passes=8).run()
    assert set(load_checkpoint("line", tmp_path / "checkpoints")[0]) == {"weight"}
    assert Loop(Line(), tmp_path, 0.01, seed=0, passes=16).step == 2


def test_networks_that_a_checkpoint_holds_a_part_of_cannot_be_continued() -> None:
    recipe = Line()
    recipe.modules["rival"] = nn.Linear(1, 1)
    with pytest.raises(ValueError, match="line cannot be continued"):
        recipe.adopt({}, {})


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
