"""Captions that are true by construction, and the word-level tokenizer they are read with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.data.attributes import (
    BACKGROUNDS,
    CLOTH_COLORS,
    HAIR_COLORS,
    HAIR_STYLES,
    HAIRLESS,
    HATS,
    NONE,
    SKINS,
    Attributes,
)

if TYPE_CHECKING:
    import numpy as np

MAX_TOKENS = 32
"""Length of every token sequence: start token, words, end token, padding."""

EYE_PHRASES = {
    "open": "open eyes", "happy": "smiling eyes", "sleep": "closed eyes", "wink": "winking eyes",
    "glasses": "glasses", "sunglasses": "sunglasses",
}  # fmt: skip
MOODS = {
    "smile": "smiling", "frown": "sad", "surprise": "surprised", "bigSmile": "laughing",
    "smirk": "smirking",
}  # fmt: skip
MOUTH_PHRASES = {"lips": "red lips", "pacifier": "pacifier"}

_NO_ARTICLE = ("hair", "eyes", "glasses", "sunglasses", "lips", "skin", "pigtails")
_KEEP = {  # how often a phrase is kept in a training caption
    "hair": 0.85, "facial_hair": 0.8, "eyes": 0.75, "mouth": 0.7, "skin": 0.45, "mood": 0.65,
    "clothing": 0.6, "background": 0.6,
}  # fmt: skip


def phrases(a: Attributes) -> dict[str, str]:
    """Every phrase that is true of the face, without articles, by the part it speaks of."""
    out: dict[str, str] = {}
    color = "" if a.hair_color == NONE else f"{a.hair_color} "
    if a.hair in HATS:
        out["hair"] = f"{a.hat_color} {a.hair}"
    else:
        out["hair"] = a.hair if a.hair in HAIRLESS else color + a.hair
    if a.facial_hair != NONE:
        # The head's hair already names the colour, unless none shows there.
        out["facial_hair"] = (color if a.hair in HAIRLESS else "") + a.facial_hair
    out["eyes"] = EYE_PHRASES[a.eyes]
    if a.mouth_visible and a.mouth in MOUTH_PHRASES:
        out["mouth"] = MOUTH_PHRASES[a.mouth]
    if a.mouth_visible and a.mouth in MOODS:
        out["mood"] = MOODS[a.mouth]
    out["skin"] = f"{a.skin} skin"
    out["clothing"] = f"{a.cloth_color} {a.garment}"
    out["background"] = f"{a.background} background"
    return out


def _with_article(phrase: str) -> str:
    if phrase.rsplit(maxsplit=1)[-1] in _NO_ARTICLE:
        return phrase
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _sentence(parts: dict[str, str], order: list[str]) -> str:
    mood = parts.get("mood")
    text = _with_article(f"{mood} person" if mood else "person")
    having = [_with_article(parts[k]) for k in order if k not in ("mood", "clothing", "background")]
    if having:
        tail = f" and {having[-1]}" if len(having) > 1 else ""
        text += " with " + ", ".join(having[: -1 if tail else None]) + tail
    if "clothing" in parts:
        text += f", wearing {_with_article(parts['clothing'])}"
    if "background" in parts:
        text += f", on {_with_article(parts['background'])}"
    return text


def full_caption(a: Attributes) -> str:
    """The sentence that names everything captioned about the face."""
    return say_all(phrases(a))


def say_all(parts: dict[str, str]) -> str:
    """The sentence of all phrases in their usual order."""
    order: list[str] = [k for k in ("hair", "facial_hair", "eyes", "mouth", "skin") if k in parts]
    return _sentence(parts, order)


def draw_phrases(a: Attributes, rng: np.random.Generator) -> dict[str, str]:
    """The phrases a training caption keeps: all in 15% of draws, else a random subset, shuffled."""
    if rng.random() < 0.15:
        return phrases(a)
    kept = [(k, v) for k, v in phrases(a).items() if rng.random() < _KEEP[k]]
    return {kept[i][0]: kept[i][1] for i in rng.permutation(len(kept))}


def swap_colors(parts: dict[str, str]) -> dict[str, str]:
    """The same words with the colours of hair, clothing and background passed round.

    Without two different colours among them nothing changes.
    """
    colored = [k for k in ("hair", "clothing", "background") if _color(parts.get(k, ""))]
    colors = [_color(parts[k]) for k in colored]
    moved = zip(colored, colors[1:] + colors[:1], strict=True)
    return parts | {k: f"{color} {parts[k].split(' ', 1)[1]}" for k, color in moved}


def _color(phrase: str) -> str:
    """The colour that a phrase begins with, empty if it begins with none."""
    first = phrase.split(" ", 1)[0]
    return first if first in HAIR_COLORS or first in CLOTH_COLORS else ""


def compose_caption(parts: dict[str, str], rng: np.random.Generator) -> str:
    """Say the phrases in their order, as a list of tags in a third of draws, else a sentence."""
    if parts and rng.random() < 0.35:
        return ", ".join(parts.values())
    return _sentence(parts, list(parts))


def training_caption(a: Attributes, rng: np.random.Generator) -> str:
    """A varied true caption of the face."""
    return compose_caption(draw_phrases(a, rng), rng)


def _words() -> list[str]:
    texts = ["a an person with and wearing on skin background shirt checkered hair"]
    texts += [*HAIR_STYLES, *HAIR_COLORS, *SKINS, *CLOTH_COLORS, *BACKGROUNDS]
    texts += ["beard mustache goatee"]
    texts += [*EYE_PHRASES.values(), *MOODS.values(), *MOUTH_PHRASES.values()]
    return sorted({word for text in texts for word in _split(text)})


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())


@dataclass(frozen=True)
class Tokens:
    """A tokenized prompt: ``ids`` is int64 [MAX_TOKENS]; ``unknown`` are words not understood."""

    ids: Tensor
    words: tuple[str, ...]
    unknown: tuple[str, ...]


class Tokenizer:
    """Word-level tokenizer over the caption vocabulary.

    Ids 0, 1 and 2 are padding, start and end. Words outside the vocabulary are left out of the
    ids and reported, so that a page can show them as not understood.
    """

    pad, start, end = 0, 1, 2

    def __init__(self) -> None:
        self.vocabulary: tuple[str, ...] = ("<pad>", "<start>", "<end>", *_words())
        self._ids = {word: i for i, word in enumerate(self.vocabulary)}

    def __len__(self) -> int:
        return len(self.vocabulary)

    def encode(self, text: str) -> Tokens:
        """Tokenize ``text``; anything past ``MAX_TOKENS - 2`` known words is cut."""
        words = _split(text)
        unknown = tuple(dict.fromkeys(w for w in words if w not in self._ids))
        known = tuple(w for w in words if w in self._ids)[: MAX_TOKENS - 2]
        ids = torch.zeros(MAX_TOKENS, dtype=torch.int64)
        sequence = [self.start, *(self._ids[w] for w in known), self.end]
        ids[: len(sequence)] = torch.tensor(sequence)
        return Tokens(ids, known, unknown)

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
