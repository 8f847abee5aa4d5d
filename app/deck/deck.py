"""The words of the deck and how its Plays begin, in the form of ``deck.toml``."""

from __future__ import annotations

import tomllib
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.deck.outline import LOOKS
from app.deck.slide import Outline, Section
from models.data.captions.vocabulary import WORDS

SHIPPED = Path(__file__).with_name("deck.toml")

Number = Literal["1", "2", "3", "4", "5", "6", "7", "8"]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Texts = tuple[Text, ...]


class Part(BaseModel):
    """A table of the file; what it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cover(Part):
    """What the cover says."""

    kicker: str = Field(description="above the title")
    title: Text = Field(description="of the whole deck")
    promise: str = Field(description="below the title")
    notes: Texts = Field(description="for the speaker")

    @property
    def heading(self) -> str:
        """The title, whose last two words stay on one line."""
        return "\N{NO-BREAK SPACE}".join(self.title.rsplit(" ", 1))


class Breaks(Part):
    """How a Play is made to fail, and what that shows; without a sentence it is not offered."""

    values: dict[str, Any] = Field(default={}, description="values of controls by which it fails")
    look: str = Field(default="", description="one sentence on what to look for then")


class PlayWords(Part):
    """What is said of a Play and how it begins; what is not given is as the Play has it."""

    title: Text | None = Field(default=None, description="on its tab")
    hint: str | None = Field(default=None, description="one sentence on what to look for")
    beside: str = Field(default="", description="heading of the facts that are shown beside it")
    defaults: dict[str, Any] = Field(default={}, description="values that its controls begin with")
    breaks: Breaks = Field(default=Breaks(), description="values by which it fails instructively")
    leave_out: Texts = Field(default=(), description="controls that keep their default, not shown")


class SlideWords(Part):
    """What a slide says, and its Plays."""

    title: Text = Field(description="its heading")
    subtitle: str = Field(description="below the heading")
    insight: str = Field(description="the sentence to remember")
    notes: Texts = Field(description="for the speaker: what to say, to press, to ask")
    facts: dict[Text, Texts] = Field(
        description="by heading; an empty list leaves a heading out, {words} is how many CLIP knows"
    )
    order: Texts = Field(default=(), description="Plays that come first, in this order")
    leave_out: Texts = Field(default=(), description="Plays that are not shown")
    plays: dict[str, PlayWords] = Field(default={}, description="by name in the address")


class Deck(Part):
    """The whole deck."""

    cover: Cover
    slides: dict[Number, SlideWords]

    @cached_property
    def outline(self) -> tuple[Outline, ...]:
        """All slides in their order, as pages show them."""
        words = (self.slides[number] for number in sorted(self.slides))
        return tuple(
            Outline(
                number, slide.title, slide.subtitle, *look,
                tuple(_sections(slide.facts)), slide.insight, slide.notes,
            )
            for number, (look, slide) in enumerate(zip(LOOKS, words, strict=True), 1)
        )  # fmt: skip


def _sections(facts: dict[str, Texts]) -> list[Section]:
    known = str(len(WORDS))
    return [
        Section(title, tuple(item.replace("{words}", known) for item in items))
        for title, items in facts.items()
        if items
    ]


@cache
def tree() -> dict[str, Any]:
    """The shipped file as tables, not to be changed."""
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


@cache
def shipped() -> Deck:
    """The deck as it is shipped."""
    return Deck.model_validate(tree())
