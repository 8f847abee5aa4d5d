"""Words belong to the worlds whose pictures they are said of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.data import attributes
from models.data.captions.subjects import WORLDS, worlds_asked, worlds_of
from models.data.captions.tokenizer import tokenizer
from models.data.captions.vocabulary import WORDS
from models.data.captions.writer import training_caption
from models.data.landscapes import attributes as landscape_attributes

if TYPE_CHECKING:
    from collections.abc import Callable

FACES, LANDSCAPES = frozenset({"faces"}), frozenset({"landscapes"})
DRAWN: dict[str, Callable[..., Any]] = {
    "faces": attributes.draw_attributes,
    "landscapes": landscape_attributes.draw_attributes,
}


def asked(prompt: str) -> frozenset[str]:
    return worlds_asked(tokenizer().encode(prompt).words)


@pytest.mark.parametrize(
    ("worlds", "words"),
    [
        (FACES, "hair glasses shades redhead winking beanie girl lips bald"),
        (LANDSCAPES, "sky sunset mountains lighthouse foggy raining winter sun day"),
        (FACES | LANDSCAPES, "red blue black dark big"),
        (frozenset(), "a with the under please draw beautiful"),
    ],
)
def test_a_word_belongs_where_it_is_said(worlds: frozenset[str], words: str) -> None:
    assert {worlds_of(word) for word in words.split()} == {worlds}


@pytest.mark.parametrize(
    ("prompt", "worlds"),
    [
        ("a sunset over mountains", LANDSCAPES),
        ("an orange sky", LANDSCAPES),
        ("it is snowing", LANDSCAPES),
        ("a girl at sunset", FACES | LANDSCAPES),
        ("a redhead with shades", FACES),
        ("red and blue, please", frozenset()),
        ("", frozenset()),
    ],
)
def test_a_prompt_asks_for_the_worlds_of_its_words(prompt: str, worlds: frozenset[str]) -> None:
    assert asked(prompt) == worlds


@pytest.mark.parametrize("world", DRAWN)
def test_no_caption_of_one_world_asks_for_the_other_alone(world: str) -> None:
    rng = np.random.default_rng(5)
    pictures = [DRAWN[world](rng, "judge") for _ in range(1500)]
    captions = [training_caption(a, rng).text for a in pictures]
    wrong = [text for text in captions if asked(text) and world not in asked(text)]
    assert wrong == []
    silent = sum(not asked(text) for text in captions) / len(captions)
    assert silent < 0.05  # "in green" is said of faces alone, and nobody could tell


def test_every_word_that_belongs_is_one_of_the_vocabulary() -> None:
    assert set(WORLDS) < set(WORDS)
    assert len(WORLDS) > len(WORDS) / 2
