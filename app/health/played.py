"""Which models the deck needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.demos.demo import Demo
from models.runtime.zoo import Zoo


def played(zoo: Zoo, demos: Iterable[Demo[Any]]) -> list[str]:
    """Models that Plays run, in the order of the course, and others that the API offers.

    Those that Plays need are named even if they are missing; judges that no Play asks are not.
    """
    plays = [name for demo in demos for name in demo.models]
    judges = zoo.find(family="judge")
    offered = (procedure.partition(".")[0] for procedure in zoo.procedures())
    return list(dict.fromkeys([*plays, *(name for name in offered if name not in judges)]))
