"""Meanings and the ways to say them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from models.data.captions.claims import is_true, one, values_of
from models.data.captions.forms import ROLES, Meaning, Said, choose, pick
from models.data.captions.writer import topics
from tests.models.data.captions.spoken import pictures

HAT = Meaning(one("hair", "cap"), {"thing": ["cap", "{c} cap"], "adjective": ["capped"]})
ALL = frozenset(ROLES)


def test_a_colour_is_put_in_and_claimed() -> None:
    rng = np.random.default_rng(0)
    colored = HAT.colored(["red", "crimson"], one("hat_color", "red"))
    said = [colored.say(rng, frozenset({"thing"})) for _ in range(50)]
    claims = {**one("hair", "cap"), **one("hat_color", "red")}
    assert {s.text for s in said if s} == {"cap", "red cap", "crimson cap"}
    assert all(s == Said("thing", s.text, claims) for s in said if s)
    assert colored.weight == HAT.weight


def test_only_the_roles_that_fit_are_taken() -> None:
    rng = np.random.default_rng(0)
    assert {s.role for _ in range(100) if (s := HAT.say(rng, ALL))} == {"thing", "adjective"}
    said = HAT.say(rng, frozenset({"adjective", "clause"}))
    assert said == Said("adjective", "capped", HAT.claims)
    assert HAT.say(rng, frozenset({"clause"})) is None


def test_options_are_chosen_as_often_as_their_weight() -> None:
    rng = np.random.default_rng(0)
    seen = Counter(choose(rng, ["often", "rarely", "never"], [3.0, 1.0, 0.0]) for _ in range(4000))
    assert set(seen) == {"often", "rarely"}
    assert seen["often"] / 4000 == pytest.approx(0.75, abs=0.03)
    even = Counter(pick(rng, ("a", "b")) for _ in range(4000))
    assert even["a"] / 4000 == pytest.approx(0.5, abs=0.03)


def test_all_that_can_be_said_of_a_picture_is_true_of_it() -> None:
    for a in pictures():
        for topic, meanings in topics(a).items():
            assert meanings, topic
            for meaning in meanings:
                assert is_true(meaning.claims, values_of(a)), (topic, a)
                assert meaning.claims
                assert meaning.weight > 0
                assert set(meaning.forms) <= set(ROLES)
                assert all(meaning.forms.values())


def test_what_has_a_colour_is_said_with_one() -> None:
    for a in pictures():
        for meanings in topics(a).values():
            for meaning in meanings:
                holes = {"{c}" in text for texts in meaning.forms.values() for text in texts}
                assert holes == {meaning.colors != ("",)}
