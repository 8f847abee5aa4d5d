"""The parts of a scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from app.demos.kit import Ballot, Column, Part, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.demos.kit import Scene

K = TypeVar("K", bound=Part)


def parts_of(scene: Scene, kind: type[K]) -> list[K]:
    """All of a kind, in their order."""
    return [part for part in _within(scene.root) if isinstance(part, kind)]


def _within(part: Part) -> Iterator[Part]:
    yield part
    if isinstance(part, (Row, Column)):
        for inner in part.parts:
            yield from _within(inner)
    elif isinstance(part, Ballot):
        yield from _within(part.foot)
