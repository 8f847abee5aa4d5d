"""Plain captions: always the same words, in which models are measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.data.attributes import NONE
from models.data.captions import plain
from models.data.captions.claims import is_true, values_of
from models.data.captions.grammar import words_of
from models.data.captions.plain import full_caption
from models.data.captions.tokenizer import MAX_TOKENS, tokenizer
from tests.models.data.captions.spoken import FACE, LANDSCAPE, pictures


def test_a_full_caption_names_everything() -> None:
    assert full_caption(FACE) == (
        "a laughing person with a red afro, a goatee, sunglasses and dark skin, "
        "wearing a green checkered shirt, on a yellow background"
    )


@pytest.mark.parametrize(
    ("changes", "phrase", "absent"),
    [
        ({"hair": "cap", "hat_color": "blue", "hair_color": NONE, "facial_hair": NONE},
         "a blue cap", " red "),
        ({"hair": "cap", "hat_color": "blue"}, "a red goatee", "red cap"),
        ({"hair": "bald head", "hair_color": NONE, "facial_hair": NONE}, "a bald head", "none"),
        ({"facial_hair": "beard"}, "a beard", "laughing"),
        ({"mouth": "pacifier", "facial_hair": NONE}, "a pacifier", "laughing"),
        ({"mouth": "lips"}, "red lips", "laughing"),
        ({"hair": "pigtails"}, "with red pigtails", "a red pigtails"),
        ({"background": "orange"}, "on an orange background", "on a orange"),
    ],
)  # fmt: skip
def test_only_what_shows_is_said(changes: dict[str, str], phrase: str, absent: str) -> None:
    caption = full_caption(replace(FACE, **changes))
    assert phrase in caption
    assert absent not in caption


def test_a_full_caption_of_a_landscape_names_everything() -> None:
    assert full_caption(LANDSCAPE) == (
        "mountains at sunset with a lake, a boat and clouds, in the fog"
    )


@pytest.mark.parametrize(
    ("changes", "caption"),
    [
        ({"object": NONE, "weather": "clear"}, "mountains at sunset with a lake and clouds"),
        ({"fore": NONE, "object": NONE, "sky": NONE}, "mountains at sunset, in the fog"),
        ({"land": "sea", "fore": NONE, "sky": "balloon", "weather": "clear"},
         "a sea at sunset with a boat and a hot-air balloon"),
        ({"land": "city", "time": "night", "fore": "snow", "object": "tree", "sky": "stars",
          "weather": "clear"}, "a city at night with snow, a tree and stars"),
        ({"land": "forest", "time": "day", "fore": "meadow", "object": NONE, "sky": NONE,
          "weather": "snowfall"}, "a forest by day with a meadow, in falling snow"),
    ],
)  # fmt: skip
def test_of_a_landscape_only_what_is_there_is_said(changes: dict[str, str], caption: str) -> None:
    assert full_caption(replace(LANDSCAPE, **changes)) == caption


def test_pictures_that_look_different_have_different_full_captions() -> None:
    told: dict[str, tuple[str, ...]] = {}
    for a in pictures():
        seen = zip(vars(a).values(), a.visible(), strict=True)
        shown = tuple(value for value, visible in seen if visible)
        assert told.setdefault(full_caption(a), shown) == shown


def test_full_captions_claim_all_that_can_be_seen() -> None:
    for a in pictures():
        claims = plain.claims_of(a, plain.parts(a))
        assert is_true(claims, values_of(a))
        silent = {"none", "clear", "shirt"}  # what is not there, and the usual garment
        named = {h for h, value in values_of(a).items() if value not in silent}
        hidden = {"mouth"} if getattr(a, "facial_hair", None) == "beard" else set()
        assert set(claims) == named - hidden
        assert all(len(values) == 1 for values in claims.values())


def test_drawn_captions_say_some_true_phrases_and_claim_just_them() -> None:
    rng = np.random.default_rng(0)
    between = {"a", "an", "person", "landscape", "with", "and", "wearing", "on"}
    for a in pictures():
        text, claims = plain.draw(a, rng)
        parts = plain.parts(a)
        told = {t: part for t, part in parts.items() if part[1].items() <= claims.items()}
        assert claims == plain.claims_of(a, told)
        assert is_true(claims, values_of(a))
        assert all(phrase in text for phrase, _ in told.values())
        said = {word for phrase, _ in told.values() for word in words_of(phrase)}
        assert said <= set(words_of(text)) <= said | between


def test_drawn_captions_vary_in_content_order_and_style() -> None:
    rng = np.random.default_rng(0)
    for a, noun in ((FACE, "person"), (LANDSCAPE, " with ")):
        texts = {plain.draw(a, rng)[0] for _ in range(200)}
        assert len(texts) > 60
        assert any(noun in text for text in texts)
        assert any(noun not in text for text in texts)


def test_a_caption_of_nothing_names_the_kind_of_picture() -> None:
    assert plain.sentence(FACE, {}) == "a person"
    assert plain.sentence(LANDSCAPE, {}) == "a landscape"


def test_plain_captions_fit_and_are_understood() -> None:
    rng = np.random.default_rng(0)
    for a in pictures():
        for caption in (full_caption(a), plain.draw(a, rng)[0]):
            tokens = tokenizer().encode(caption)
            assert (tokens.unknown, tokens.slips) == ((), ())
            assert len(tokens.words) + 2 <= MAX_TOKENS
            assert tokenizer().decode(tokens.ids).split() == list(tokens.words)
