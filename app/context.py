"""What a demo or a route needs of the running app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi import Request as WebRequest

from app.engine import Engine
from app.settings import Settings
from models.checkpoint import CheckpointError
from models.zoo import Zoo


@dataclass
class Context:
    """The running app's parts, kept in ``app.state.context``.

    Attributes:
        problems: model name → why its checkpoint cannot be used.
        ready: whether the background warm-up has been through all models.
        draining: whether the server is shutting down.
    """

    settings: Settings
    zoo: Zoo
    engine: Engine
    problems: dict[str, str] = field(default_factory=dict)
    ready: bool = False
    draining: bool = False

    def card(self, name: str) -> dict[str, Any]:
        """A model's card, empty where it cannot be read."""
        try:
            return self.zoo.card(name)
        except CheckpointError:
            return {}


def get_context(request: WebRequest) -> Context:
    """Dependency: the app's context."""
    context: Context = request.app.state.context
    return context
