"""A prompt as a model reads it: one reading for the page while one types, and for every Play."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.demos.prompts.suggestions import worlds
from models.data.captions.subjects import worlds_asked
from models.data.captions.tokenizer import MAX_TOKENS, tokenizer
from models.data.fashion import CLASSES
from models.data.names import DATASETS
from models.families.fashion_diffusion import NO_CLASS, class_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.context import Context
    from models.data.captions.tokenizer import Word as Heard

WIDEST, SLIDE, PLAY = "latent-diffusion", 7, "prompt"
"""The model that draws what others cannot, and the Play in which it does."""


@dataclass(frozen=True)
class Word:
    """One word of a prompt.

    Attributes:
        typed: as it was typed.
        state: ``known``, ``other`` (read as another word), ``unknown`` or ``late`` (cut off).
        read: the other word, or words.
    """

    typed: str
    state: str = "known"
    read: str = ""


@dataclass(frozen=True)
class Link:
    """A way to another Play of the deck.

    Attributes:
        query: of its address, without the question mark.
    """

    label: str
    slide: int
    query: str


@dataclass(frozen=True)
class Note:
    """A sentence on a prompt, and where it leads."""

    text: str
    link: Link | None = None


@dataclass(frozen=True)
class Reading:
    """A prompt as the model reads it, below its control and in a Play."""

    items: tuple[Word, ...]
    notes: tuple[Note, ...] = ()

    @property
    def said(self) -> str:
        """What is remarkable about them, for those who do not see how they look."""
        others = [f"{word.typed} is read as {word.read}." for word in self.items if word.read]
        unknown = dict.fromkeys(word.typed for word in self.items if word.state == "unknown")
        if len(unknown) == len(self.items):
            unknown = {}  # which a note says
        strange = [f"Not understood: {', '.join(unknown)}."] if unknown else []
        found = [*others, *strange, *(note.text for note in self.notes)]
        return " ".join(found) or ("All words are understood." if self.items else "")

    def after(self, sentence: str) -> str:
        """A Play's sentence with what is to be noted of its prompt."""
        return " ".join([sentence, *(note.text for note in self.notes)])


def read_prompt(context: Context, model: str, text: str) -> Reading:
    """A prompt as a model reads it; no words if it reads none.

    Raises:
        CheckpointError: there is no such model.
    """
    if "prompt" not in context.zoo.procedure(f"{model}.sample").parameters.bounds():
        return Reading(())
    drawn = worlds(context, model)
    if drawn == ("fashion",):
        return read_class(text)
    said = read_words(text)
    asked = worlds_asked(tokenizer().encode(text).words)
    if not asked or not drawn or asked & set(drawn):
        return said
    return Reading(said.items, (*said.notes, _elsewhere(context, drawn, asked, text)))


def read_words(text: str) -> Reading:
    """A prompt as CLIP and the transformer read it, whatever they draw."""
    tokens = tokenizer().encode(text)
    notes = []
    if not tokens.words:
        what = "None of these words is known; the" if tokens.heard else "Nothing is asked for; the"
        notes.append(Note(f"{what} picture is drawn without a prompt."))
    if tokens.cut:
        cut = f"The prompt is cut before “{tokens.cut}”: {MAX_TOKENS - 2} words are read."
        notes.append(Note(cut))
    return Reading(tuple(map(_word, tokens.heard)), tuple(notes))


def read_class(text: str) -> Reading:
    """A prompt for clothing: the kind that it names is known, or there are those it could name."""
    label = class_of(text)
    named = CLASSES[label].lower().split() if label != NO_CLASS else []
    items = (word.strip(",.") for word in text.split())
    read = tuple(Word(w, "known" if w.lower() in named else "unknown") for w in items if w)
    kinds = f"No kind is named, so any may come. Try: {', '.join(CLASSES)}."
    return Reading(read, () if named else (Note(kinds),))


def _word(word: Heard) -> Word:
    if word.cut:
        return Word(word.typed, "late")
    if not word.read:
        return Word(word.typed, "unknown")
    as_typed = _letters("".join(word.read)) == _letters(word.typed)
    return Word(word.typed) if as_typed else Word(word.typed, "other", " ".join(word.read))


def _letters(word: str) -> str:
    return re.sub(r"[-'’]", "", word.lower())


def _elsewhere(context: Context, drawn: Sequence[str], asked: frozenset[str], text: str) -> Note:
    """That a model does not draw what is asked for, and where it is drawn."""
    sentence = f"This model draws only {' and '.join(DATASETS[d].lower() for d in drawn)}."
    if not asked <= set(worlds(context, WIDEST)):
        return Note(sentence)
    query = urlencode({"demo": PLAY, "prompt": text})
    return Note(sentence, Link(f"Draw it on slide {SLIDE}", SLIDE, query))
