"""What a slide is made of, besides its Plays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A few facts under one heading."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """One slide.

    Attributes:
        number: 1 … 8.
        title, subtitle: its heading.
        node: which node of the strip it lights.
        accent: family whose colour it wears.
        icon: name of a Material Symbol.
        sections: its facts, shown one section at a time.
        insight: the sentence to remember.
        notes: for the speaker: what to say, what to press, what to ask.
    """

    number: int
    title: str
    subtitle: str
    node: str
    accent: str
    icon: str
    sections: tuple[Section, ...]
    insight: str
    notes: tuple[str, ...]
