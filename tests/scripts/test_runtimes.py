"""The comparison of runtimes: its arithmetic, its table, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from scripts import runtimes
from scripts.runtimes import RUNTIMES, Task, Trial, attempt, compare, line

pytestmark = pytest.mark.slow


@pytest.fixture
def task() -> Task:
    return Task("a layer", nn.Sequential(nn.Linear(4, 4), nn.Tanh()), (torch.randn(2, 4),))


def test_a_trial_tells_ratio_and_error(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "best_seconds", lambda run, repeats: 0.5)
    monkeypatch.setitem(
        RUNTIMES, "doubled", lambda task: lambda: 2 * task.network(*task.inputs).detach()
    )
    exact = task.network(*task.inputs).detach()
    trial = attempt(task, "doubled", exact, now=2.0)
    assert (trial.seconds, trial.ratio) == (0.5, 4.0)
    assert trial.error == pytest.approx(1.0)
    assert trial.ready > 0
    assert "500.0 ms" in line(trial)
    assert "4.00×" in line(trial)


def test_what_is_refused_is_told(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(task: Task) -> runtimes.Run:
        raise ImportError("not here\nnor there")

    monkeypatch.setitem(RUNTIMES, "missing", missing)
    trial = attempt(task, "missing", torch.zeros(2, 4), now=1.0)
    assert trial == Trial("a layer", "missing", refused="ImportError: not here\nnor there")
    assert "ImportError: not here" in line(trial)
    assert "nor there" not in line(trial)


@pytest.mark.parametrize("runtime", ["torch, float32", "OpenVINO", "OpenVINO, in parts"])
def test_a_runtime_answers_what_torch_does(task: Task, runtime: str) -> None:
    with torch.no_grad():
        trial = attempt(task, runtime, task.network(*task.inputs), now=1.0)
    assert not trial.refused
    assert trial.error < 0.05


def test_every_runtime_is_tried(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RUNTIMES:
        monkeypatch.setitem(RUNTIMES, name, RUNTIMES["torch, float32"])
    with torch.no_grad():
        trials = compare(task)
    assert [trial.runtime for trial in trials] == list(RUNTIMES)
    assert all(trial.error == 0 for trial in trials)
