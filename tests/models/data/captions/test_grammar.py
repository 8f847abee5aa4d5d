"""Articles, and the words of a caption."""

from __future__ import annotations

import pytest

from models.data.captions.grammar import with_article, words_of


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("red afro", "a red afro"),
        ("orange cap", "an orange cap"),
        ("blue dress", "a blue dress"),
        ("red hair", "red hair"),
        ("closed eyes", "closed eyes"),
        ("eyes closed", "eyes closed"),
        ("hair in a bun", "hair in a bun"),
        ("snow on the mountains", "snow on the mountains"),
        ("green grass", "green grass"),
        ("no hat", "no hat"),
        ("the sea", "the sea"),
        ("some clouds", "some clouds"),
    ],
)
def test_articles_stand_before_what_can_be_counted(phrase: str, said: str) -> None:
    assert with_article(phrase) == said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A dark-haired Girl, please!", "a dark haired girl please"),
        ("side-swept hair", "side-swept hair"),
        ("", ""),
    ],
)
def test_hyphened_words_are_read_in_their_parts(text: str, words: str) -> None:
    assert words_of(text) == words.split()
