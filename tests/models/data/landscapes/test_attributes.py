"""What landscapes are made of: the distribution and the held-out pairs."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from models.data.landscapes.attributes import (
    HEADS,
    HELD_OUT,
    NONE,
    PRECIPITATION,
    SPLITS,
    TIMES,
    WEATHERS,
    Attributes,
    draw_attributes,
    is_held_out,
)


@cache
def draw(split: str, count: int = 3000) -> tuple[Attributes, ...]:
    rng = np.random.default_rng(1)
    return tuple(draw_attributes(rng, split) for _ in range(count))


@pytest.mark.parametrize(("attribute", "weights"), [("time", TIMES), ("weather", WEATHERS)])
def test_unrestricted_draws_follow_the_weights(attribute: str, weights: dict[str, int]) -> None:
    seen = Counter(getattr(a, attribute) for a in draw("judge"))
    for value, weight in weights.items():
        p = weight / sum(weights.values())
        assert abs(seen[value] / 3000 - p) < 5 * (p * (1 - p) / 3000) ** 0.5


@pytest.mark.parametrize("name", HEADS)
def test_no_value_is_rare(name: str) -> None:
    seen = Counter(getattr(a, name) for a in draw("judge"))
    assert set(seen) == set(HEADS[name])
    assert min(seen.values()) > 0.025 * 3000


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_training_splits_never_show_a_held_out_pair(split: str) -> None:
    assert not any(map(is_held_out, draw(split)))


def test_every_combo_picture_shows_a_held_out_pair_and_all_pairs_occur() -> None:
    pictures = draw("combo")
    assert all(map(is_held_out, pictures))
    for pair in HELD_OUT:
        assert any(all(getattr(a, k) == v for k, v in pair.items()) for a in pictures), pair


def test_the_judges_split_is_unrestricted() -> None:
    assert 0 < sum(map(is_held_out, draw("judge"))) < 3000


def test_what_cannot_be_is_never_drawn() -> None:
    for a in draw("judge"):
        assert a.sky != "stars" or (a.time == "night" and a.weather == "clear")
        assert a.sky not in ("rainbow", "birds", "balloon") or a.time != "night"
        assert a.sky != "clouds" or a.weather not in PRECIPITATION
        assert a.object != "boat" or a.wet
        assert a.land != "sea" or a.fore in ("beach", NONE)
        assert a.land != "desert" or a.fore in ("river", "road", NONE)


def test_an_empty_sky_is_not_seen_where_clouds_cover_it() -> None:
    sky = list(HEADS).index("sky")
    for a in draw("judge"):
        hidden = [i for i, seen in enumerate(a.visible()) if not seen]
        assert hidden == ([sky] if a.sky == NONE and a.weather in PRECIPITATION else [])


def test_indices_are_the_classes_of_the_heads_and_invert() -> None:
    for a in draw("train")[:200]:
        indices = a.indices()
        for (name, values), index in zip(HEADS.items(), indices, strict=True):
            assert values[index] == getattr(a, name)
        assert Attributes.from_indices(indices) == a


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(KeyError, match="holiday"):
        draw_attributes(np.random.default_rng(0), "holiday")


def test_split_sizes() -> None:
    assert SPLITS == {
        "train": 50_000, "validation": 2_000, "test": 5_000, "combo": 2_000, "judge": 22_000,
    }  # fmt: skip
