"""What a demo or a route needs of the running app."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request as WebRequest

from app.engine import Engine, Play
from app.health.metrics import Metrics
from app.settings import Settings
from models.runtime.checkpoint import CheckpointError
from models.runtime.sampler import Request
from models.runtime.zoo import Zoo


@dataclass
class Context:
    """The running app's parts, kept in ``app.state.context``.

    Attributes:
        metrics: what the engine has told of its work.
        problems: model name → why its checkpoint cannot be used.
        ready: whether the background warm-up has been through all models.
        prepared: whether it has also made them as fast as they will be.
        draining: whether the server is shutting down.
        presenter_key: what makes a browser the presenter's.
        urgent: whether what is asked of the engine goes before all others.
    """

    settings: Settings
    zoo: Zoo
    engine: Engine
    metrics: Metrics
    problems: dict[str, str] = field(default_factory=dict)
    ready: bool = False
    prepared: bool = False
    draining: bool = False
    presenter_key: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    urgent: bool = False
    _cards: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def request(
        self, procedure: str, n: int | None = None, seed: int = 0, **values: Any
    ) -> Request[Any]:
        """A request from plain values; see :meth:`models.runtime.zoo.Zoo.request`."""
        return self.zoo.request(procedure, n, seed, **values)

    def submit(self, procedure: str, request: Request[Any], frames: bool = True) -> Play:
        """Ask the engine for a procedure; see :meth:`app.engine.Engine.submit`."""
        return self.engine.submit(procedure, request, frames, self.urgent)

    def card(self, name: str) -> dict[str, Any]:
        """A model's card, empty where it cannot be read; not to be changed, and read anew only
        when its file is: three hundred browsers ask for a slide's cards at once."""
        path = self.zoo.folder / f"{name}.json"
        try:
            changed = path.stat().st_mtime_ns
            if self._cards.get(name, (0, {}))[0] != changed:
                self._cards[name] = changed, self.zoo.card(name)
        except (OSError, CheckpointError):
            return {}
        return self._cards[name][1]


async def get_context(request: WebRequest) -> Context:
    """Dependency: the app's context."""
    context: Context = request.app.state.context
    return context
