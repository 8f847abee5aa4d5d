"""What captions can say of pictures, one wording after the other, with what each claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from models.data.attributes import Attributes as Face
from models.data.captions import faces, landscapes, writer
from models.data.captions.claims import Claims, world_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.data.captions.claims import Picture
    from models.data.captions.forms import Meaning


class Saying(NamedTuple):
    """One wording, as it is said of one picture.

    Attributes:
        world: of the picture.
        role: in a sentence; see :data:`models.data.captions.forms.ROLES`.
        text: in small letters.
        claims: what must be so in a picture.
    """

    world: str
    role: str
    text: str
    claims: Claims


def sayings(pictures: Iterable[Picture]) -> Iterator[Saying]:
    """All that can be said of pictures; most is said of several, of which it may claim more."""
    for a in pictures:
        world = world_of(a)
        for noun in faces.nouns(a) if isinstance(a, Face) else landscapes.NOUNS:
            yield Saying(world, "head", noun, Claims())
        for meanings in writer.topics(a).values():
            for meaning in meanings:
                yield from _said(world, meaning)


def _said(world: str, meaning: Meaning) -> Iterator[Saying]:
    for role, said in meaning.forms.items():
        for text in said:
            for color in meaning.colors:
                yield Saying(world, role, text.replace("{c}", color), meaning.claims)
