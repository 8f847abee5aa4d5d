"""What a step costs in pixels and in latents."""

from __future__ import annotations

import pytest

from models.evaluation import cost
from models.evaluation.cost import measure_cost
from models.evaluation.steps import STEPS, solvers, stepping_models
from models.runtime.zoo import Zoo


def test_four_times_the_positions_are_four_times_the_work(monkeypatch) -> None:
    monkeypatch.setattr(cost, "BATCH", 1)
    measured = measure_cost()
    assert measured["ratio"]["gflops"] == pytest.approx(4, rel=0.1)
    for key in ("gflops", "milliseconds"):
        expected = measured["pixels"][key] / measured["latent"][key]
        assert measured["ratio"][key] == pytest.approx(expected, abs=0.01)


def test_the_twins_are_compared_by_steps_of_the_same_order() -> None:
    zoo = Zoo()
    assert solvers(zoo, "diffusion") == ["ddim", "dpm-solver++"]
    assert solvers(zoo, "flow-matching") == ["euler"]
    assert set(stepping_models()) == {"diffusion", "flow-matching", "latent-diffusion"}
    assert (min(STEPS), max(STEPS)) == (1, 50)
