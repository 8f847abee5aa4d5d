"""Captions that are nearly true: the same words about another picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from models.data.attributes import CLOTH_COLORS, HAIR_COLORS, HATS, NONE
from models.data.attributes import HEADS as FACE_HEADS
from models.data.captions.claims import is_true, values_of
from models.data.captions.grammar import words_of
from models.data.captions.plain import full_caption
from models.data.captions.rivals import COLORED, changed, swapped, whole, with_rival
from models.data.captions.tokenizer import tokenizer
from models.data.captions.writer import training_caption
from models.data.landscapes.attributes import HEADS as LANDSCAPE_HEADS
from tests.models.data.captions.spoken import FACE, LANDSCAPE, faces, landscapes, pictures

COLORFUL = replace(FACE, hair_color="green", cloth_color="blue", background="pink")


def differences(a: object, b: object) -> set[str]:
    return {name for name, value in vars(a).items() if getattr(b, name) != value}


def test_a_rival_comes_beside_the_caption_that_would_be_written_alone() -> None:
    for seed, a in enumerate(pictures()[::7]):
        caption, _ = with_rival(a, np.random.default_rng(seed))
        assert caption == training_caption(a, np.random.default_rng(seed))


def test_most_rivals_are_false_and_all_are_understood() -> None:
    rng = np.random.default_rng(0)
    for some in (faces(), landscapes()):
        pairs = [(a, *with_rival(a, rng)) for a in some]
        assert all(is_true(caption.claims, values_of(a)) for a, caption, _ in pairs)
        assert sum(not is_true(r.claims, values_of(a)) for a, _, r in pairs) / len(pairs) > 0.6
        for _, _, rival in pairs:
            tokens = tokenizer().encode(rival.text)
            assert (tokens.unknown, tokens.slips, tokens.cut) == ((), (), "")


def test_rivals_share_most_words_with_their_captions() -> None:
    rng = np.random.default_rng(0)
    kept = []
    for a in pictures():
        caption, rival = (Counter(words_of(c.text)) for c in with_rival(a, rng))
        kept.append((caption & rival).total() / caption.total())
    assert np.mean(kept) > 0.6


def test_swapped_colors_use_the_same_words_for_other_parts() -> None:
    before, after = full_caption(COLORFUL), full_caption(swapped(COLORFUL))
    assert "a green afro" in before
    assert "a blue afro" in after
    assert "a pink checkered shirt, on a green background" in after
    assert sorted(words_of(after)) == sorted(words_of(before))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"hair": "cap", "hat_color": "red", "hair_color": NONE, "facial_hair": NONE},
         {"hat_color": "blue", "cloth_color": "pink"}),
        ({"hair": "bald head", "hair_color": NONE, "facial_hair": NONE},
         {"cloth_color": "pink", "background": "blue"}),
        ({"background": "gray"}, {"hair_color": "blue", "background": "green"}),
        ({"hair_color": "blue", "background": "blue"}, {}),
    ],
    ids=["hat", "bald", "no gray shirts", "one colour"],
)  # fmt: skip
def test_colors_move_where_they_may_be(changes: dict[str, str], expected: dict[str, str]) -> None:
    before = replace(COLORFUL, **changes)
    after = swapped(before)
    assert {name: getattr(after, name) for name in differences(before, after)} == expected


def test_swapping_leaves_every_color_possible() -> None:
    for a in faces():
        after = swapped(a)
        assert differences(a, after) <= set(COLORED)
        assert all(getattr(after, head) in FACE_HEADS[head] for head in COLORED)


def test_one_or_two_of_the_given_attributes_change() -> None:
    rng = np.random.default_rng(0)
    for a in landscapes():
        moved = differences(a, changed(a, ("time", "sky", "land"), rng))
        assert 1 <= len(moved) <= 2
        assert moved <= {"time", "sky", "land"}
    kinds = [differences(COLORFUL, changed(COLORFUL, ("skin",), rng)) for _ in range(50)]
    assert {"skin"} in kinds
    assert {"hair_color", "cloth_color", "background"} in kinds


def test_without_attributes_nothing_changes_but_colors() -> None:
    rng = np.random.default_rng(0)
    assert changed(LANDSCAPE, (), rng) == LANDSCAPE
    assert {changed(FACE, (), rng) for _ in range(20)} == {FACE, swapped(FACE)}


def test_what_becomes_visible_gets_a_color() -> None:
    rng = np.random.default_rng(0)
    hidden = replace(FACE, hair="bald head", hair_color=NONE, facial_hair=NONE)
    assert whole(hidden, rng) == hidden
    assert whole(replace(hidden, hair="bob"), rng).hair_color in HAIR_COLORS
    assert whole(replace(hidden, facial_hair="beard"), rng).hair_color in HAIR_COLORS
    for hat in HATS:
        put_on = whole(replace(hidden, hair=hat), rng)
        assert put_on.hat_color in CLOTH_COLORS
        assert whole(replace(put_on, hair="bob"), rng).hat_color == NONE


def test_rivals_change_values_of_all_attributes() -> None:
    rng = np.random.default_rng(0)
    for a, heads in ((FACE, FACE_HEADS), (LANDSCAPE, LANDSCAPE_HEADS)):
        moved: set[str] = set()
        for _ in range(300):
            moved |= differences(a, changed(a, tuple(heads), rng))
        assert moved == set(heads)
