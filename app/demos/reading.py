"""A prompt as a model reads it: one reading for the page while one types, and for every Play."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.demos.panels import Link, Note, Word, Words
from app.demos.suggestions import worlds
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


def read_prompt(context: Context, model: str, text: str) -> Words:
    """A prompt as a model reads it; no words if it reads none.

    Raises:
        CheckpointError: there is no such model.
    """
    if "prompt" not in context.zoo.procedure(f"{model}.sample").parameters.bounds():
        return Words(())
    drawn = worlds(context, model)
    if drawn == ("fashion",):
        return read_class(text)
    said = read_words(text)
    asked = worlds_asked(tokenizer().encode(text).words)
    if not asked or not drawn or asked & set(drawn):
        return said
    return Words(said.items, (*said.notes, _elsewhere(context, drawn, asked, text)))


def read_words(text: str) -> Words:
    """A prompt as CLIP and the transformer read it, whatever they draw."""
    tokens = tokenizer().encode(text)
    notes = []
    if not tokens.words:
        what = "None of these words is known; the" if tokens.heard else "Nothing is asked for; the"
        notes.append(Note(f"{what} picture is drawn without a prompt."))
    if tokens.cut:
        cut = f"The prompt is cut before “{tokens.cut}”: {MAX_TOKENS - 2} words are read."
        notes.append(Note(cut))
    return Words(tuple(map(_word, tokens.heard)), tuple(notes))


def read_class(text: str) -> Words:
    """A prompt for clothing: the kind that it names is known, or there are those it could name."""
    label = class_of(text)
    named = CLASSES[label].lower().split() if label != NO_CLASS else []
    items = (word.strip(",.") for word in text.split())
    read = tuple(Word(w, "known" if w.lower() in named else "unknown") for w in items if w)
    kinds = f"No kind is named, so any may come. Try: {', '.join(CLASSES)}."
    return Words(read, () if named else (Note(kinds),))


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
