"""What a demo or a route needs of the running app."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request as WebRequest
from torch import Tensor

from app.deck.deck import Deck, shipped
from app.demos.registry import Demos
from app.engine import Engine, Priority, Watch
from app.health.metrics import Metrics
from app.inputs import Inputs
from app.settings import Settings
from models.runtime.checkpoint import CheckpointError
from models.runtime.sampler import Request
from models.runtime.zoo import Zoo


@dataclass
class Context:
    """The running app's parts, kept in ``app.state.context``.

    Attributes:
        metrics: of the engine's work.
        deck: what slides say.
        demos: of all slides.
        problems: model name → why its checkpoint cannot be used.
        ready: whether the background warm-up has been through all models.
        prepared: whether it has also made them as fast as they will be.
        draining: whether the server is shutting down.
        presenter_key: what makes a browser the presenter's.
        priority: of what is asked of the engine.
    """

    settings: Settings
    zoo: Zoo
    engine: Engine
    metrics: Metrics
    inputs: Inputs = field(default_factory=Inputs)
    deck: Deck = field(default_factory=shipped)
    demos: Demos = field(default_factory=Demos)
    problems: dict[str, str] = field(default_factory=dict)
    ready: bool = False
    prepared: bool = False
    draining: bool = False
    presenter_key: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    priority: Priority = field(default_factory=Priority)

    def request(
        self, procedure: str, n: int | None = None, seed: int = 0, **values: Any
    ) -> Request[Any]:
        """A request from plain values; see :meth:`models.runtime.zoo.Zoo.request`."""
        return self.zoo.request(procedure, n, seed, **values)

    def submit(self, procedure: str, request: Request[Any], frames: bool = True) -> Watch:
        """Ask the engine for a procedure; see :meth:`app.engine.Engine.submit`."""
        return self.engine.submit(procedure, request, frames, self.priority)

    def input(self, kind: str, reference: str) -> Tensor:
        """The tensor of one row that a reference names; see :meth:`app.inputs.Inputs.tensor`.

        Raises:
            InputGoneError: it is not, or no longer, kept.
        """
        return self.inputs.tensor(kind, reference)

    def drain(self) -> None:
        """Begin to shut down: Plays end within a step, with a message, and none begins."""
        self.draining = True
        self.engine.close()

    def card(self, name: str) -> dict[str, Any]:
        """A model's card, not to be changed; empty where it cannot be read."""
        try:
            return self.zoo.card(name)
        except CheckpointError:
            return {}


async def get_context(request: WebRequest) -> Context:
    """Dependency: the app's context."""
    context: Context = request.app.state.context
    return context
