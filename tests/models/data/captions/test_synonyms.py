"""New words begin as a synonym of one that was known."""

from __future__ import annotations

import pytest
import torch

from models.data.captions.synonyms import SYNONYMS, grown
from models.data.captions.vocabulary import WORDS

KNOWN = ("bald", "glasses", "gray", "red")
ROWS = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [-1.0, 4.0]])


def test_known_words_keep_their_rows_in_the_new_order() -> None:
    assert torch.equal(grown(ROWS, KNOWN, KNOWN), ROWS)
    assert torch.equal(grown(ROWS, KNOWN, ("red", "bald")), ROWS[[3, 0]])


@pytest.mark.parametrize(
    ("word", "stands_for"),
    [("grey", "gray"), ("specs", "glasses"), ("ginger", "red"), ("hairless", "bald")],
)
def test_a_synonym_begins_as_the_word_that_it_stands_for(word: str, stands_for: str) -> None:
    row = grown(ROWS, KNOWN, ("red", word))[1]
    assert torch.equal(row, ROWS[KNOWN.index(stands_for)])


def test_a_word_that_was_known_is_nobodys_synonym() -> None:
    known = (*KNOWN, "grey")
    rows = torch.cat([ROWS, torch.full((1, 2), 7.0)])
    assert torch.equal(grown(rows, known, ("grey", "silver")), rows[[4, 2]])


def test_other_words_begin_at_random_spread_as_the_known_are() -> None:
    rows = torch.randn(50, 64) * 0.2
    new = grown(rows, [f"old {i}" for i in range(50)], [f"new {i}" for i in range(200)])
    assert new.shape == (200, 64)
    assert new.std() == pytest.approx(0.2, rel=0.1)
    assert len({tuple(row) for row in new.tolist()}) == 200


def test_growing_is_the_same_every_time_and_changes_nothing_given() -> None:
    before = ROWS.clone()
    words = ("cheerful", "lake", "red")
    assert torch.equal(grown(ROWS, KNOWN, words), grown(ROWS, KNOWN, words))
    assert torch.equal(ROWS, before)


def test_synonyms_are_words_of_captions_and_stand_for_one() -> None:
    others = [other for words in SYNONYMS.values() for other in words]
    assert len(others) == len(set(others))
    assert {*SYNONYMS, *others} <= set(WORDS)
    assert not set(SYNONYMS) & set(others)
