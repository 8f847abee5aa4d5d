"""Waves follow what models need, and share the time by their longest recipes."""

from __future__ import annotations

import pytest

from models.training.catalogue import recipes
from models.training.fleet.waves import share, waves


def test_a_model_is_in_the_first_wave_after_all_it_needs() -> None:
    needs = {"a": (), "b": ("a",), "c": (), "d": ("c", "b"), "e": ("c",)}
    assert waves(needs) == [("a", "c"), ("b", "e"), ("d",)]


def test_models_that_are_not_trained_are_not_waited_for() -> None:
    assert waves({"b": ("a",), "c": ("a", "x")}) == [("b", "c")]
    assert waves({}) == []


def test_waves_of_all_recipes_hold_each_once_after_its_needs() -> None:
    needs = {name: kind.needed() for name, kind in recipes().items()}
    before: set[str] = set()
    for wave in waves(needs):
        assert all(before.issuperset(needs[name]) for name in wave)
        before.update(wave)
    assert before == set(needs)
    assert sum(map(len, waves(needs))) == len(needs)


def test_a_continued_training_does_not_wait_for_its_lender() -> None:
    known = recipes()
    assert "flow-matching" in known["diffusion"].needed()
    twins = {n: known[n].needed(continued=True) for n in ("flow-matching", "diffusion")}
    assert waves(twins) == [("flow-matching", "diffusion")]


def test_time_is_shared_by_the_longest_of_each_wave() -> None:
    minutes = {"a": 10.0, "b": 2.0, "c": 30.0, "d": 5.0}
    following = [("a", "b"), ("c", "d")]
    assert share(following, minutes) == pytest.approx(0.25)
    assert share(following[1:], minutes) == 1
