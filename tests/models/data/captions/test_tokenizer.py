"""Prompts become tokens: what is known, what is read as something else, what is not understood."""

from __future__ import annotations

import pytest
import torch

from models.data.captions.tokenizer import (
    MAX_TOKENS,
    ORDINARY,
    SHORTEST,
    Word,
    slips,
    split,
    tokenizer,
)
from models.data.captions.vocabulary import WORDS
from models.data.captions.wordings import wordings


def read(text: str) -> tuple[str, ...]:
    return tokenizer().encode(text).words


def test_every_word_of_the_vocabulary_is_read_as_itself() -> None:
    for word in WORDS:
        assert tokenizer().encode(word).heard == (Word(word, (word,)),)
        assert tokenizer().knows(word)
    assert not any(map(tokenizer().knows, ("<pad>", "dragon", "Red", "")))


def test_special_tokens_come_before_the_words() -> None:
    words = tokenizer()
    assert words.vocabulary == ("<pad>", "<start>", "<end>", *WORDS)
    assert (words.pad, words.start, words.end) == (0, 1, 2)
    assert len(words) == len(WORDS) + 3


def test_ids_start_end_and_pad() -> None:
    words = tokenizer()
    ids = words.encode("red afro").ids
    assert ids.shape == (MAX_TOKENS,)
    assert ids.dtype == torch.int64
    assert [words.vocabulary[i] for i in ids[:4]] == ["<start>", "red", "afro", "<end>"]
    assert (ids[4:] == words.pad).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A Red AFRO", "a red afro"),
        ("IT'S night", "its night"),
        ("I’d like a hat", "id like a hat"),
        ("dark-haired", "dark haired"),
        ("a T-shirt", "a t shirt"),
        ("a Hot-Air Balloon", "a hot air balloon"),
        ("side-swept hair", "side-swept hair"),
        ("side swept hair", "side swept hair"),
        ("(glasses)... beard;cap/hat", "glasses beard cap hat"),
        ("2 boats, no.1 tent", "boats no tent"),
        ("  \n", ""),
        ("", ""),
    ],
)
def test_capitals_apostrophes_hyphens_and_signs(text: str, words: str) -> None:
    assert read(text) == tuple(words.split())
    assert tokenizer().encode(text).slips == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mohwk", "mohawk"),
        ("mohhawk", "mohawk"),
        ("mohaek", "mohawk"),
        ("mohakw", "mohawk"),
        ("MOHWAK", "mohawk"),
        ("sunglases", "sunglasses"),
        ("moutains", "mountains"),
        ("womans", "woman"),
    ],
    ids=["out", "in", "changed", "swapped", "capitals", "double", "long", "plural"],
)
def test_a_word_that_is_one_slip_away_is_read(typed: str, meant: str) -> None:
    tokens = tokenizer().encode(f"a {typed}")
    assert tokens.words == ("a", meant)
    assert tokens.slips == (Word(typed, (meant,), slip=True),)
    assert tokens.unknown == ()


@pytest.mark.parametrize("typed", ["rde", "kdi", "hatt", "zap", "mhowka", "mohawkyy"])
def test_short_words_and_two_slips_are_not_guessed(typed: str) -> None:
    tokens = tokenizer().encode(typed)
    assert (tokens.words, tokens.slips, tokens.unknown) == ((), (), (typed,))


def test_a_known_word_is_never_read_as_another() -> None:
    assert {"boat", "coast"} <= set(WORDS) & slips("coat")
    assert read("boat coast hat cap") == ("boat", "coast", "hat", "cap")


@pytest.mark.parametrize("place", [0, 1, -1])
def test_slips_of_any_word_are_read_as_a_word_one_slip_away(place: int) -> None:
    for word in WORDS:
        if len(word) <= SHORTEST:
            continue
        letters = list(word)
        del letters[place]
        typed = "".join(letters)
        (heard,) = tokenizer().encode(typed).heard
        known = typed in ORDINARY or (not heard.slip and heard.read)
        assert known or (heard.slip and set(heard.read) <= slips(typed)), word


@pytest.mark.parametrize(
    ("typed", "near", "meant"),
    [
        ("bight", ["bright", "light", "night"], "bright"),
        ("nlght", ["night"], "night"),
        ("gight", ["light", "night"], "light"),
    ],
)
def test_of_several_words_one_with_the_same_first_letter_is_meant(
    typed: str, near: list[str], meant: str
) -> None:
    assert sorted(slips(typed) & set(WORDS)) == near
    assert tokenizer().nearest(typed) == meant


def test_slips_are_letters_left_out_put_in_changed_and_swapped() -> None:
    assert {"at", "ca", "act", "cta", "bat", "cut", "cats", "scat"} <= slips("cat")
    assert not {"dog", "ac", "tac", "a", "caste"} & slips("cat")


def test_very_long_words_are_unknown_at_once() -> None:
    endless = "a" * 100_000
    assert tokenizer().encode(endless).unknown == (endless,)


def test_unknown_words_are_left_out_and_reported_once() -> None:
    tokens = tokenizer().encode("a smiling Dragon with GLASSES, dragon spaceship wine-zzz")
    assert tokens.words == ("a", "smiling", "with", "glasses")
    assert tokens.unknown == ("dragon", "spaceship", "wine-zzz")
    assert [word.typed for word in tokens.heard if not word.read] == [
        "Dragon", "dragon", "spaceship", "wine-zzz",
    ]  # fmt: skip


def test_letters_of_other_alphabets_are_words() -> None:
    assert split("Größe ひげ señor's, x2") == ["Größe", "ひげ", "señor's", "x"]
    assert tokenizer().encode("бородa").unknown == ("бородa",)


def test_a_very_long_prompt_is_cut() -> None:
    tokens = tokenizer().encode("red " * 50_000)
    assert len(tokens.words) == MAX_TOKENS - 2
    assert tokens.ids[-1] == tokenizer().end
    assert tokens.cut == "red"


def test_the_first_word_that_came_too_late_is_named() -> None:
    fitting = "red " * (MAX_TOKENS - 2)
    assert tokenizer().encode(fitting).cut == ""
    tokens = tokenizer().encode(f"{fitting} dragon Blue hat")
    assert tokens.cut == "Blue"
    assert tokens.words == ("red",) * (MAX_TOKENS - 2)
    assert tokens.unknown == ("dragon",)
    assert [word.typed for word in tokens.heard if word.cut] == ["Blue", "hat"]


def test_a_hyphened_word_is_cut_as_a_whole() -> None:
    tokens = tokenizer().encode("red " * (MAX_TOKENS - 3) + "t-shirt blue")
    assert tokens.cut == "t-shirt"
    assert tokens.words == ("red",) * (MAX_TOKENS - 3)


@pytest.mark.parametrize(
    "text", ["", "a red afro", "a Dragon with mohwk", "no dark-haired, side-swept hair " * 9]
)
def test_words_are_exactly_the_tokens(text: str) -> None:
    words = tokenizer()
    tokens = words.encode(text)
    filled = tokens.ids[tokens.ids != words.pad]
    assert [words.vocabulary[i] for i in filled] == ["<start>", *tokens.words, "<end>"]
    assert words.decode(tokens.ids).split() == list(tokens.words)


def test_a_batch_stacks_its_rows() -> None:
    texts = ["", "blue hair", "a person"]
    batch = tokenizer().encode_batch(texts)
    assert torch.equal(batch, torch.stack([tokenizer().encode(t).ids for t in texts]))
    assert batch.dtype == torch.int64


def test_there_is_one_tokenizer() -> None:
    assert tokenizer() is tokenizer()


def test_a_relative_of_a_known_word_is_read_as_that() -> None:
    tokens = tokenizer().encode("a girl in a red coat")
    assert tokens.words == ("a", "girl", "in", "a", "red", "jacket")
    assert tokens.unknown == ()
    assert tokens.slips == ()


def test_relatives_are_words_of_their_own_that_stand_for_known_ones() -> None:
    for word, aliases in wordings("aliases").items():
        assert tokenizer().knows(word)
        for alias in aliases.split():
            assert not tokenizer().knows(alias)
            assert tokenizer().encode(alias).words == (word,)


def test_an_ordinary_word_is_no_slip() -> None:
    assert tokenizer().nearest("duck") == "dusk"
    assert tokenizer().encode("a duck").unknown == ("duck",)
    assert tokenizer().encode("your other four").words == ()
    assert not any(map(tokenizer().knows, ORDINARY))


def test_of_a_hyphened_word_what_is_known_is_read() -> None:
    assert tokenizer().encode("wine-red hair").words == ("red", "hair")
