"""Captions are true, short enough, and made of a closed vocabulary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.data.attributes import NONE, Attributes, draw_attributes
from models.data.captions.plain import full_caption
from models.data.captions.tokenizer import MAX_TOKENS, tokenizer
from models.data.captions.writer import training_caption

FACE = Attributes(
    hair="afro",
    hair_color="red",
    skin="dark",
    eyes="sunglasses",
    mouth="bigSmile",
    facial_hair="goatee",
    cloth_color="green",
    garment="checkered shirt",
    hat_color=NONE,
    background="yellow",
)


def faces(count: int = 500) -> list[Attributes]:
    rng = np.random.default_rng(3)
    return [draw_attributes(rng, "judge") for _ in range(count)]


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


def test_training_captions_say_only_true_phrases() -> None:
    rng = np.random.default_rng(0)
    for face in faces():
        true = phrases(face)
        kept = draw_phrases(face, rng)
        assert kept.items() <= true.items()
        caption = compose_caption(kept, rng)
        assert all(phrase in caption for phrase in kept.values())


def test_training_captions_vary_in_content_order_and_style() -> None:
    rng = np.random.default_rng(0)
    captions = {training_caption(FACE, rng) for _ in range(200)}
    assert len(captions) > 100
    assert any("person" in c for c in captions)
    assert any("person" not in c for c in captions)


def test_every_caption_fits_and_is_understood() -> None:
    rng = np.random.default_rng(0)
    for face in faces():
        for caption in (full_caption(face), training_caption(face, rng)):
            tokens = tokenizer().encode(caption)
            assert tokens.unknown == ()
            assert len(tokens.words) + 2 <= MAX_TOKENS
            assert tokenizer().decode(tokens.ids).split() == list(tokens.words)


def test_vocabulary_is_closed_and_small() -> None:
    words = tokenizer().vocabulary
    assert len(set(words)) == len(words) == len(tokenizer())
    assert 50 <= len(words) <= 90


def test_no_word_for_gender_or_ethnicity() -> None:
    banned = {"man", "woman", "boy", "girl", "male", "female", "asian", "african", "european"}
    assert not banned & set(tokenizer().vocabulary)


def test_unknown_words_are_left_out_and_reported_once() -> None:
    tokens = tokenizer().encode("a smiling Dragon with GLASSES, dragon wings")
    assert tokens.words == ("a", "smiling", "with", "glasses")
    assert tokens.unknown == ("dragon", "wings")


def test_ids_start_end_and_pad() -> None:
    ids = tokenizer().encode("red afro").ids
    assert ids.shape == (MAX_TOKENS,)
    assert ids[0] == tokenizer().start
    assert ids[3] == tokenizer().end
    assert (ids[4:] == tokenizer().pad).all()


def test_a_very_long_prompt_is_cut() -> None:
    tokens = tokenizer().encode("red " * 50_000)
    assert len(tokens.words) == MAX_TOKENS - 2
    assert tokens.ids[-1] == tokenizer().end


def test_a_batch_stacks_its_rows() -> None:
    texts = ["", "blue hair", "a person"]
    batch = tokenizer().encode_batch(texts)
    assert torch.equal(batch, torch.stack([tokenizer().encode(t).ids for t in texts]))


def test_swapped_colors_use_the_same_words_for_other_parts() -> None:
    parts = {
        "hair": "red afro",
        "eyes": "open eyes",
        "clothing": "green checkered shirt",
        "background": "blue background",
    }
    swapped = swap_colors(parts)
    assert swapped == {
        "hair": "green afro",
        "eyes": "open eyes",
        "clothing": "blue checkered shirt",
        "background": "red background",
    }
    assert sorted(" ".join(swapped.values()).split()) == sorted(" ".join(parts.values()).split())


@pytest.mark.parametrize(
    "parts",
    [{}, {"hair": "bald head"}, {"skin": "dark skin", "background": "pink background"}],
    ids=["nothing", "no colour", "one colour"],
)
def test_fewer_than_two_colors_cannot_be_swapped(parts: dict[str, str]) -> None:
    assert swap_colors(parts) == parts
