"""Which models the deck needs."""

from __future__ import annotations

from app.demos.registry import DEMOS
from models.runtime.zoo import Zoo


def played(zoo: Zoo) -> list[str]:
    """Models that Plays or the API run, in the order of the course; those that judge are not."""
    needed = {procedure.partition(".")[0] for procedure in zoo.procedures()}
    needed |= {name for demo in DEMOS for name in demo.models}
    return [name for name in zoo.names() if name in needed]
