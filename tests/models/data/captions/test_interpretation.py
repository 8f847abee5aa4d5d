"""A prompt claims what its words say, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from models.data.attributes import HATS, HEADS, HELD_OUT
from models.data.captions.claims import WORLD, is_true, values_of
from models.data.captions.interpretation import interpret
from models.data.captions.tokenizer import tokenizer
from models.data.captions.writer import training_caption
from models.data.gallery import gallery


def claimed(prompt: str) -> dict[str, set[str]]:
    found = interpret(tokenizer().encode(prompt).words)
    return {head: set(values) for head, values in found.items()}


@pytest.mark.parametrize(
    ("prompt", "claims"),
    [
        ("", {}),
        ("a person", {}),
        ("a sunset over mountains", {}),
        ("Bald!", {"hair": {"bald head"}}),
        ("an afrro", {"hair": {"afro"}}),  # a slip
        ("sad with shades", {"mouth": {"frown"}, "eyes": {"sunglasses"}}),
        ("dark hair", {"hair_color": {"black", "brown"}}),
        ("without a beard", {"facial_hair": {"none", "mustache"}}),
        ("a red hat", {"hair": set(HATS), "hat_color": {"red"}}),
        ("black sunglasses", {"eyes": {"sunglasses"}}),  # which are no black skin
        ("a black man", {"skin": {"dark"}}),
        ("wearing red", {"cloth_color": {"red"}}),
        ("wearing dark glasses", {"eyes": {"sunglasses"}}),
        ("in green beanie", {"hair": {"beanie"}, "hat_color": {"green"}}),
        ("a curly afro", {"hair": {"afro", "curly hair"}}),  # either is right
    ],
)
def test_what_words_claim(prompt: str, claims: dict[str, set[str]]) -> None:
    found = claimed(prompt)
    if prompt == "dark hair":
        found.pop("hair")  # that there is some
    assert found == claims


def test_captions_are_read_as_they_were_meant() -> None:
    rng = np.random.default_rng(3)
    true = found = said = 0
    faces = gallery().attributes
    for face in faces:
        caption = training_caption(face, rng)
        claims = interpret(tokenizer().encode(caption.text).words)
        true += is_true(claims, values_of(face))
        meant = caption.claims.keys() - {WORLD}
        said, found = said + len(meant), found + len(meant & claims.keys())
    assert true / len(faces) > 0.98  # words put in at random part some phrases
    assert found / said > 0.95


def test_every_style_is_known_in_every_colour() -> None:
    pair = HELD_OUT[0]
    assert claimed(f"{pair['hair_color']} {pair['hair']}")["hair"] == {pair["hair"]}
    for color in HEADS["hair_color"][:-1]:
        assert claimed(f"a {color} mohawk")["hair_color"] == {color}
