"""Counting failed trainings."""

from __future__ import annotations

import math

import pytest
import torch

from models.evaluation.tables import stability
from models.training.stability import FAMILIES, summary


def test_a_run_fails_at_twice_the_best_or_without_a_number() -> None:
    known = summary({"0.33": [10, 20, 20.1], "1": [15, math.inf, 12]})
    assert known["runs"] == 6
    assert known["failed"] == pytest.approx(2 / 6, abs=1e-3)
    good = torch.tensor([10.0, 20, 15, 12])
    spread = (good.std(correction=0) / good.mean()).item()
    assert known["spread"] == pytest.approx(spread, abs=1e-3)
    assert known["frechet"] == {"0.33": [10, 20, 20.1], "1": [15, None, 12]}


def test_equal_runs_have_no_spread() -> None:
    known = summary({"1": [30.0] * 5})
    assert (known["failed"], known["spread"]) == (0, 0)


def test_when_all_break_all_have_failed() -> None:
    known = summary({"1": [math.inf, math.inf]})
    assert (known["failed"], known["spread"]) == (1, 0)
    assert known["frechet"] == {"1": [None, None]}


def test_the_report_says_what_failed_and_the_best_of_each_rate() -> None:
    block = summary({"0.33": [10.0, 40.0], "1": [8.0, math.inf]})
    text = stability([{"name": "toy", "measured": {"stability": block}}, {"measured": {}}])
    assert "| toy | 50% | 11% | 10 | 8 |" in text


def test_every_family_of_the_comparison_is_studied() -> None:
    assert list(FAMILIES) == ["vae", "gan", "flow", "autoregressive", "diffusion"]
    for recipe in FAMILIES.values():
        assert recipe.name in FAMILIES
        assert recipe.trained_on.count < 50_000
