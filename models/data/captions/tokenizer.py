"""The word-level tokenizer that every text-conditioned model shares."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from string import ascii_lowercase

import torch
from torch import Tensor

from models.data.captions.grammar import words_of
from models.data.captions.vocabulary import WORDS
from models.data.captions.wordings import wordings

MAX_TOKENS = 32
"""Length of every token sequence: start token, words, end token, padding."""
ORDINARY = frozenset(Path(__file__).with_name("ordinary.txt").read_text("utf-8").split())
"""Words that are no slips, though a known word is near: no duck is a dusk."""
SHORTEST = 4
"""Letters of the shortest known word for which a slip is taken."""
LONGEST = max(map(len, WORDS))
"""Letters of the longest known word."""


@dataclass(frozen=True)
class Word:
    """One word of a prompt as it was typed, and as it is read.

    Attributes:
        typed: in the prompt's own letters.
        read: known words that it stands for, mostly one; none where it is not understood.
        slip: whether it is another word than it was typed, by one letter.
        cut: whether it came too late to be read.
    """

    typed: str
    read: tuple[str, ...]
    slip: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Tokens:
    """A tokenized prompt.

    Attributes:
        ids: int64 [MAX_TOKENS].
        heard: every word of the prompt, in its order.
    """

    ids: Tensor
    heard: tuple[Word, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What the models read, one for each token between start and end."""
        return tuple(word for heard in self.heard if not heard.cut for word in heard.read)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words that were not understood, each once, in small letters."""
        return tuple(dict.fromkeys(w.typed.lower() for w in self.heard if not w.read))

    @property
    def slips(self) -> tuple[Word, ...]:
        """Words that are read as another."""
        return tuple(word for word in self.heard if word.slip)

    @property
    def cut(self) -> str:
        """The first word that came too late, empty if none did."""
        return next((word.typed for word in self.heard if word.cut), "")


def split(text: str) -> list[str]:
    """The words of a text as they are typed: letters, with hyphens and apostrophes inside."""
    return re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", text)


def slips(word: str) -> set[str]:
    """What a word becomes with one letter left out, swapped with the next, changed, or put in."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    out = {a + b[1:] for a, b in cuts if b}
    out |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    out |= {a + c + b[1:] for a, b in cuts if b for c in ascii_lowercase}
    out |= {a + c + b for a, b in cuts for c in ascii_lowercase}
    return out


class Tokenizer:
    """Word-level tokenizer over the vocabulary of captions.

    Ids 0, 1 and 2 are padding, start and end. A word that is not in the vocabulary but one slip
    away from one of at least :data:`SHORTEST` letters that is, is read as that, unless it is an
    ordinary word of its own (``ordinary.txt``); some more words are read as a near relative
    (``aliases.toml``). Others are left out of the ids and reported, so that a page can show them
    as not understood.
    """

    pad, start, end = 0, 1, 2

    def __init__(self) -> None:
        self.vocabulary: tuple[str, ...] = ("<pad>", "<start>", "<end>", *WORDS)
        self._ids = {word: i for i, word in enumerate(self.vocabulary)}
        self._aliases = {
            alias: word
            for word, aliases in wordings("aliases").items()
            for alias in aliases.split()
        }

    def __len__(self) -> int:
        return len(self.vocabulary)

    def knows(self, word: str) -> bool:
        """Whether a word in small letters is in the vocabulary."""
        return self._ids.get(word, 0) > self.end

    def encode(self, text: str) -> Tokens:
        """Tokenize ``text``; anything past ``MAX_TOKENS - 2`` known words is cut."""
        heard: list[Word] = []
        count = 0
        for typed in split(text):
            word = self._hear(typed)
            count += len(word.read)
            late = count > MAX_TOKENS - 2
            heard.append(replace(word, cut=True) if late else word)
        words = [w for word in heard if not word.cut for w in word.read]
        ids = torch.zeros(MAX_TOKENS, dtype=torch.int64)
        sequence = [self.start, *(self._ids[w] for w in words), self.end]
        ids[: len(sequence)] = torch.tensor(sequence)
        return Tokens(ids, tuple(heard))

    @lru_cache(maxsize=10_000)  # noqa: B019 - one tokenizer lives as long as the process
    def _hear(self, typed: str) -> Word:
        """One word: as it is, without apostrophes, in its hyphened parts, or with a slip."""
        word = re.sub(r"['’]", "", typed.lower())
        if self.knows(word):
            return Word(typed, (word,))
        parts = tuple(part for part in words_of(word) if self.knows(part))
        if "-" in word and parts:
            return Word(typed, parts)
        if word in self._aliases:
            return Word(typed, (self._aliases[word],))
        if word in ORDINARY:
            return Word(typed, ())
        near = self.nearest(word)
        return Word(typed, (near,), slip=True) if near else Word(typed, ())

    def nearest(self, word: str) -> str:
        """The known word that is one slip away; empty if none is.

        Of several it is one with the same first letter, which is rarely mistyped, if there is one,
        and the first by the alphabet.
        """
        if not SHORTEST - 1 <= len(word) <= LONGEST + 1:
            return ""
        found = {w for w in slips(word) if len(w) >= SHORTEST and self.knows(w)}
        return min(found, key=lambda w: (w[0] != word[0], w), default="")

    def encode_batch(self, texts: list[str]) -> Tensor:
        """Token ids of many texts, int64 [len(texts), MAX_TOKENS]."""
        return torch.stack([self.encode(text).ids for text in texts])

    def decode(self, ids: Tensor) -> str:
        """The words of a token sequence, without special tokens."""
        return " ".join(self.vocabulary[i] for i in ids.tolist() if i > self.end)


@cache
def tokenizer() -> Tokenizer:
    """The one tokenizer every text-conditioned model shares."""
    return Tokenizer()
