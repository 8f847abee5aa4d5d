"""Which models the deck needs."""

from __future__ import annotations

from app.demos.registry import DEMOS
from models.runtime.zoo import Zoo


def played(zoo: Zoo) -> list[str]:
    """Models that Plays run, in the order of the course and whether or not they are there, then
    those that only the API runs; those that judge are not."""
    shown = [name for demo in DEMOS for name in demo.models]
    served = [procedure.partition(".")[0] for procedure in zoo.procedures()]
    return list(dict.fromkeys([*shown, *served]))
