"""What faces are made of: the distribution and the held-out pairs."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from models.data.attributes import (
    BACKGROUNDS,
    EYES,
    HAIR_STYLES,
    HAIRLESS,
    HATS,
    HEADS,
    HELD_OUT,
    MOUTHS,
    NONE,
    SPLITS,
    Attributes,
    draw_attributes,
    is_held_out,
)


def draw(split: str, count: int) -> list[Attributes]:
    rng = np.random.default_rng(1)
    return [draw_attributes(rng, split) for _ in range(count)]


@pytest.mark.parametrize(
    ("attribute", "weights"),
    [("hair", HAIR_STYLES), ("eyes", EYES), ("mouth", MOUTHS), ("background", BACKGROUNDS)],
)
def test_unrestricted_draws_follow_the_weights(attribute: str, weights: dict[str, int]) -> None:
    count = 6000
    seen = Counter(getattr(face, attribute) for face in draw("judge", count))
    assert set(seen) == set(weights)
    for value, weight in weights.items():
        p = weight / sum(weights.values())
        assert abs(seen[value] / count - p) < 5 * (p * (1 - p) / count) ** 0.5


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_training_splits_never_show_a_held_out_pair(split: str) -> None:
    assert not any(is_held_out(face) for face in draw(split, 2000))


def test_every_combo_face_shows_a_held_out_pair_and_all_pairs_occur() -> None:
    faces = draw("combo", 1000)
    assert all(is_held_out(face) for face in faces)
    for pair in HELD_OUT:
        assert any(all(getattr(f, k) == v for k, v in pair.items()) for f in faces), pair


def test_judge_split_is_unrestricted() -> None:
    held_out = sum(is_held_out(face) for face in draw("judge", 2000))
    assert 0 < held_out < 2000


def test_what_cannot_be_seen_has_no_value() -> None:
    for face in draw("judge", 2000):
        assert (face.hat_color == NONE) == (face.hair not in HATS)
        hidden = face.hair in HAIRLESS and face.facial_hair == NONE
        assert (face.hair_color == NONE) == hidden
        assert face.mouth != "pacifier" or face.facial_hair == NONE


def test_only_a_full_beard_hides_something() -> None:
    for face in draw("judge", 500):
        hidden = [name for name, seen in zip(HEADS, face.visible(), strict=True) if not seen]
        assert hidden == (["mouth"] if face.facial_hair == "beard" else [])


def test_indices_are_the_classes_of_the_heads_and_invert() -> None:
    for face in draw("train", 200):
        indices = face.indices()
        assert len(indices) == len(HEADS) == 10
        for (name, values), index in zip(HEADS.items(), indices, strict=True):
            assert values[index] == getattr(face, name)
        assert Attributes.from_indices(indices) == face


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(KeyError, match="holiday"):
        draw_attributes(np.random.default_rng(0), "holiday")


def test_split_sizes() -> None:
    assert SPLITS == {
        "train": 50_000, "validation": 2_000, "test": 5_000, "combo": 2_000, "judge": 22_000,
    }  # fmt: skip
