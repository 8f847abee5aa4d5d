"""Processes side by side: what they say is shown, and none outlives an interruption."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from models.training.fleet import crew
from models.training.fleet.board import Board
from models.training.fleet.crew import Trainee, together

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAITING = "import threading; print('ready', flush=True); threading.Event().wait()"


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "LOOK_SECONDS", 0.02)


def trainee(name: str, program: str, folder: Path, **environment: str) -> Trainee:
    command = [sys.executable, "-S", "-c", program]
    return Trainee(name, command, environment, folder / name / "fleet.log")


class Watched(Board):
    """A board that interrupts once a line says something."""

    def __init__(self, names: list[str], text: str) -> None:
        super().__init__(names, io.StringIO())
        self.text = text

    def show(self, name: str, text: str, news: bool = False) -> None:
        super().show(name, text, news)
        if text == self.text:
            raise KeyboardInterrupt


def test_one_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    board = Board(["good", "bad"], io.StringIO())
    bad = trainee("bad", "print('begun'); raise ValueError('no faces')", tmp_path)
    good = trainee("good", "import os; print(os.environ['CORES'])", tmp_path, CORES="3")
    assert together([bad, good], board) == {"bad"}
    assert board.texts["good"].startswith("done in 0.")
    log = tmp_path / "bad" / "fleet.log"
    assert board.texts["bad"] == f"failed (1): ValueError: no faces; see {log}"
    assert "begun" in log.read_text()
    assert (tmp_path / "good" / "fleet.log").read_text() == "3\n"


def test_a_progress_line_is_what_was_written_over_it_last(tmp_path: Path) -> None:
    program = "import sys; sys.stderr.write('resumed\\n' + '\\rstep 20 ' * 900 + '\\rstep 40 ')"
    done = trainee("a", program, tmp_path)
    done.wait(60)
    assert done.said() == "step 40"
    silent = trainee("b", "", tmp_path)
    silent.wait(60)
    assert silent.said() == "begins"


def test_an_interruption_ends_all(tmp_path: Path) -> None:
    crew = [trainee(name, WAITING, tmp_path) for name in ("a", "b")]
    with pytest.raises(KeyboardInterrupt):
        together(crew, Watched(["a", "b"], "ready"))
    assert all(one.process.returncode for one in crew)


def test_when_one_cannot_begin_those_before_it_are_ended(tmp_path: Path) -> None:
    begun: list[Trainee] = []

    def two() -> Iterator[Trainee]:
        begun.append(trainee("a", WAITING, tmp_path))
        yield begun[0]
        yield Trainee("b", [str(tmp_path / "no-such-program")], {}, tmp_path / "b.log")

    with pytest.raises(FileNotFoundError):
        together(two(), Board(["a", "b"], io.StringIO()))
    assert begun[0].process.returncode


def test_one_that_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "PATIENCE", 0.05)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    one = trainee("a", deaf + WAITING, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        together([one], Watched(["a"], "ready"))
    assert one.process.returncode
