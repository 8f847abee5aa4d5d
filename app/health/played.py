"""Which models the deck needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.demos.demo import Demo
from models.runtime.zoo import Zoo


def played(zoo: Zoo, demos: Iterable[Demo[Any]]) -> list[str]:
    """Models that Plays run, in the order of the course, and others that the API offers.

    Those that Plays need are named even if they are missing; those that judge are not.
    """
    plays = [name for demo in demos for name in demo.models]
    return list(dict.fromkeys([*plays, *(p.partition(".")[0] for p in zoo.procedures())]))
