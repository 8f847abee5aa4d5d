"""The fleet: data first, then waves of trainings that share the time; failures stay theirs."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from models.data.gallery import WORLDS
from models.data.rendering import SIZES, Portion
from models.runtime.checkpoint import load_card, save_checkpoint
from models.training.__main__ import _parser
from models.training.catalogue import recipes
from models.training.fleet import __main__ as fleet
from models.training.fleet import crew
from models.training.fleet.__main__ import TRAINED, Orders, main, portions, train
from models.training.fleet.board import Board
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = 1_000_000.0
FACES, MORE = Portion("faces", "train", 10), Portion("faces", "train", 20)
SMALL, TEST = Portion("faces", "train", 4, 128), Portion("landscapes", "test", 3)
TRAINING = """
from models.training import __main__ as training
from tests.models.training.test_loop import Line

training.recipes = lambda: {"line": Line}
training.main()
"""


def kind(
    name: str, *needs: str, lender: str | None = None, minutes: float = 1, reads: Any = ()
) -> type[Recipe]:
    values = {"name": name, "needs": needs, "lender": lender, "minutes": minutes}
    return type(name.title(), (Recipe,), {**values, "portions": reads})


def shelf(*kinds: type[Recipe]) -> dict[str, type[Recipe]]:
    return {recipe.name: recipe for recipe in kinds}


KNOWN = shelf(kind("a"), kind("b", minutes=3), kind("c", "a"), kind("d", "c", lender="b"))
Asked = list[tuple[str, float, float]]
"""Model, minutes and moment of the end, as trainings are told."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Trainings do nothing but fail where a model is called bad."""
    told: Asked = []

    def command(self: Orders, name: str, minutes: float, until: float) -> list[str]:
        told.append((name, minutes, until))
        return [sys.executable, "-S", "-c", f"raise SystemExit({int(name.startswith('bad'))})"]

    monkeypatch.setattr(Orders, "command", command)
    monkeypatch.setattr(crew, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr("models.training.fleet.__main__.time.time", lambda: NOW)
    return told


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """``python -m models.training.fleet`` with toys for recipes, in folders of its own."""
    monkeypatch.setattr(fleet, "recipes", lambda: KNOWN)
    monkeypatch.setattr(fleet, "RUNS", tmp_path / "data")

    def run(*arguments: str) -> int:
        folders = ["--runs", str(tmp_path / "runs"), "--checkpoints", str(tmp_path / "shipped")]
        monkeypatch.setattr(sys, "argv", ["fleet", *arguments, *folders])
        return main()

    return run


def board(chosen: dict[str, type[Recipe]]) -> Board:
    return Board(list(chosen), io.StringIO())


def test_waves_follow_each_other_and_share_the_time(asked: Asked, tmp_path: Path) -> None:
    assert train(KNOWN, Orders(runs=tmp_path), NOW + 600, board(KNOWN)) == set()
    assert [name for name, _, _ in asked] == ["a", "b", "c", "d"]
    minutes = [10 * 3 / 5 * TRAINED, 10 * 1 / 2 * TRAINED, 10 * TRAINED]  # none took any time
    told = [minutes[0], minutes[0], minutes[1], minutes[2]]
    assert [m for _, m, _ in asked] == pytest.approx(told)
    assert [until for _, _, until in asked] == pytest.approx([NOW + 60 * m for m in told])


def test_what_needs_a_failed_model_is_left_out(asked: Asked, tmp_path: Path) -> None:
    chosen = shelf(kind("bad"), kind("good"), kind("x", "bad"), kind("y", "good"), kind("z", "x"))
    shown = board(chosen)
    assert train(chosen, Orders(runs=tmp_path), NOW + 600, shown) == {"bad", "x", "z"}
    assert [name for name, _, _ in asked] == ["bad", "good", "y"]
    assert asked[-1][1] == pytest.approx(10 * TRAINED)  # the time of those left out is not lost
    assert shown.texts["x"] == "left out: needs bad"
    assert shown.texts["z"] == "left out: needs x"
    assert shown.texts["y"].startswith("done")


def test_nothing_is_trained_when_the_time_is_over(asked: Asked, tmp_path: Path) -> None:
    shown = board(KNOWN)
    assert train(KNOWN, Orders(runs=tmp_path), NOW - 1, shown) == set(KNOWN)
    assert asked == []
    assert set(shown.texts.values()) == {"left out: no time is left"}


def test_a_wave_shares_the_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    threads: list[str] = []
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(
        fleet, "Trainee", lambda name, command, env, log: threads.append(env["OMP_NUM_THREADS"])
    )
    for size in (1, 3, 9):
        list(Orders(runs=tmp_path).begin(tuple(map(str, range(size))), 1, NOW))
    assert threads == ["8"] + 3 * ["2"] + 9 * ["1"]


def test_a_training_understands_what_it_is_told(tmp_path: Path) -> None:
    orders = Orders("cuda", continued=True, runs=tmp_path)
    told = _parser(recipes()).parse_args(orders.command("vae", 12.345678, NOW + 0.25)[3:])
    assert (told.name, told.device, told.continued, told.runs) == ("vae", "cuda", True, tmp_path)
    assert told.minutes == pytest.approx(12.35)
    assert told.until == pytest.approx(NOW + 0.25, abs=0.1)


def test_each_split_is_rendered_once_and_far_enough() -> None:
    kinds = [kind("a", reads=(FACES, TEST)), kind("b", reads=(MORE, SMALL)), kind("c")]
    assert portions(kinds) == [MORE, TEST, SMALL]


def test_recipes_declare_what_can_be_rendered() -> None:
    for portion in portions(recipes().values()):
        assert 0 < portion.count <= WORLDS[portion.world].splits[portion.split]
        assert portion.size in SIZES


def test_data_is_rendered_before_anything_is_trained(
    asked: Asked, command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drawn: list[tuple[Any, ...]] = []

    def drawing(world: Any, *portion: Any) -> None:
        assert asked == []
        drawn.append((world.name, *portion))

    monkeypatch.setattr(fleet, "render_split", drawing)
    known = shelf(kind("a", reads=(FACES, TEST)), kind("b", reads=(MORE,)))
    monkeypatch.setattr(fleet, "recipes", lambda: known)
    assert command("a", "--minutes", "2") == 0
    assert drawn == [
        ("faces", tmp_path / "data" / "faces", "train", 10, 64),
        ("landscapes", tmp_path / "data" / "landscapes", "test", 3, 64),
    ]
    assert [name for name, _, _ in asked] == ["a"]


def test_rendering_may_take_all_the_time(
    asked: Asked, command: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "render_split", lambda *_: None)
    monkeypatch.setattr(fleet, "recipes", lambda: shelf(kind("a", reads=(FACES,))))
    with pytest.raises(SystemExit) as stopped:
        command("a", "--minutes", "0")
    assert stopped.value.code == 1
    assert asked == []


def test_what_is_needed_must_be_named_or_shipped(
    asked: Asked, command: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        command("c", "d", "--minutes", "1")
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "c needs a, which is neither named nor in" in said
    assert "d needs b, which is neither named nor in" in said
    assert asked == []
    for name in ("a", "b"):
        save_checkpoint(name, {}, {}, tmp_path / "shipped")
    assert command("d", "c", "--minutes", "1") == 0
    assert [name for name, _, _ in asked] == ["c", "d"]


def test_what_is_continued_must_be_shipped_but_its_lender_need_not(
    asked: Asked, command: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_checkpoint("c", {}, {}, tmp_path / "shipped")
    with pytest.raises(SystemExit):
        command("d", "--minutes", "1", "--continue")
    said = capsys.readouterr().err
    assert "d cannot be continued" in said
    assert "needs b" not in said
    save_checkpoint("d", {}, {}, tmp_path / "shipped")
    assert command("d", "--minutes", "1", "--continue") == 0


def test_all_are_trained_if_asked_and_a_failure_is_the_exit_code(
    asked: Asked, command: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "recipes", lambda: shelf(kind("bad"), kind("good")))
    assert command("all", "--minutes", "1") == 1
    assert [name for name, _, _ in asked] == ["bad", "good"]


@pytest.mark.parametrize(
    "arguments", [["a"], ["--minutes", "1"], ["x", "--minutes", "1"], ["a", "--minutes", "soon"]]
)
def test_the_command_line_wants_names_and_minutes(
    command: Callable[..., int], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        command(*arguments)
    assert stopped.value.code == 2


def test_a_device_that_is_not_there_is_refused(
    asked: Asked, command: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit) as stopped:
        command("a", "--minutes", "1", "--device", "cuda")
    assert stopped.value.code == 2
    assert asked == []


def test_an_interruption_says_how_to_go_on(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> set[str]:
        os.kill(os.getpid(), signal.SIGTERM)
        return set()

    monkeypatch.setattr(fleet, "train", interrupted)
    assert command("a", "--minutes", "1") == fleet.INTERRUPTED
    assert "the same command goes on" in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_training_is_shipped_into_the_folders_that_are_given(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.models.training.test_loop import Line

    ordered = Orders.command

    def with_toys(self: Orders, *told: Any) -> list[str]:
        program, _, _, *words = ordered(self, *told)
        return [program, "-c", TRAINING, *words, "--passes", "8"]

    monkeypatch.setattr(Orders, "command", with_toys)
    monkeypatch.setattr(fleet, "recipes", lambda: {"line": Line})
    assert command("line", "--minutes", "1") == 0
    card = load_card("line", tmp_path / "shipped")
    assert (card["steps"], card["bits"]) == (2, 16)
    runs = tmp_path / "runs" / "line"
    assert {"fleet.log", "state.pt"} < {path.name for path in runs.iterdir()}
    assert len(list(runs.glob("sheet-*.png"))) == 1
    assert "measured" in (runs / "fleet.log").read_text()
