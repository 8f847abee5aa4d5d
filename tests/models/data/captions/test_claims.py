"""What captions claim, and of which pictures it is true."""

from __future__ import annotations

from dataclasses import replace

import torch

from models.data.captions import plain
from models.data.captions.claims import (
    HEADS,
    WORLD,
    both,
    is_true,
    one,
    other,
    truth,
    values_of,
    world_of,
)
from tests.models.data.captions.spoken import FACE, LANDSCAPE, captions


def test_truth_is_that_of_each_caption_and_picture() -> None:
    some = captions()[::37]
    seen = [values_of(a) for a, _ in some]
    said = [caption.claims for _, caption in some]
    table = truth(said, seen)
    assert table.dtype == torch.bool
    assert table.tolist() == [[is_true(claims, values) for claims in said] for values in seen]
    assert table.diagonal().all()
    assert 0.01 < table.float().mean() < 0.5


def test_a_caption_is_true_of_every_face_that_shows_what_it_says() -> None:
    repainted = replace(FACE, background="white")
    shirt = {"clothing": plain.parts(FACE)["clothing"]}
    wall = {"background": plain.parts(repainted)["background"]}
    said = [plain.claims_of(FACE, phrases) for phrases in (shirt, {**shirt, **wall}, {})]
    seen = [values_of(a) for a in (FACE, repainted, LANDSCAPE)]
    assert truth(said, seen).tolist() == [
        [True, False, True],
        [True, True, True],
        [False, False, False],
    ]


def test_nothing_is_true_of_everything() -> None:
    assert truth([{}], [values_of(FACE), values_of(LANDSCAPE)]).tolist() == [[True], [True]]
    assert is_true({}, values_of(FACE))
    assert truth([], [values_of(FACE)]).shape == (1, 0)


def test_values_are_those_of_the_picture_and_its_world() -> None:
    assert values_of(FACE)["hair"] == "afro"
    assert values_of(LANDSCAPE)["time"] == "sunset"
    assert [values_of(a)[WORLD] for a in (FACE, LANDSCAPE)] == ["faces", "landscapes"]
    assert [world_of(a) for a in (FACE, LANDSCAPE)] == ["faces", "landscapes"]
    for a in (FACE, LANDSCAPE):
        assert all(value in HEADS[head] for head, value in values_of(a).items())


def test_a_claim_is_of_some_values_or_of_all_others() -> None:
    assert one("eyes", "open", "wink") == {"eyes": {"open", "wink"}}
    assert other("skin", "light", "dark") == {"skin": {"tan", "brown"}}
    for value in HEADS["mouth"]:
        assert is_true(other("mouth", "smile"), {"mouth": value}) == (value != "smile")


def test_claims_together_allow_what_each_allows() -> None:
    hat, no_cap, night = one("hair", "cap", "beanie"), other("hair", "cap"), one("time", "night")
    assert both(hat, no_cap, night) == {"hair": {"beanie"}, "time": {"night"}}
    assert both(one("sky", "stars"), one("sky", "birds")) == {"sky": set()}
    assert both() == {}
    assert hat == one("hair", "cap", "beanie")


def test_what_contradicts_itself_is_true_of_nothing() -> None:
    nonsense = both(one("sky", "stars"), one("sky", "birds"))
    assert not is_true(nonsense, values_of(LANDSCAPE))
    assert not truth([nonsense], [values_of(LANDSCAPE)]).any()


def test_a_claim_about_the_other_world_is_false() -> None:
    assert not is_true(one("time", "sunset"), values_of(FACE))
    assert not is_true(other("eyes", "glasses"), values_of(LANDSCAPE))


def test_attributes_of_both_worlds_have_other_names() -> None:
    assert not set(values_of(FACE)) & set(values_of(LANDSCAPE)) - {WORLD}
    assert set(HEADS) == set(values_of(FACE)) | set(values_of(LANDSCAPE))
