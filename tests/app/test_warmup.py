"""The warm-up loads every model, and then lets each prepare."""

from __future__ import annotations

from typing import cast

import pytest

from app.context import Context
from app.settings import Settings
from app.warmup import warm_up
from models.checkpoint import CheckpointError
from models.zoo import Zoo


class NotedZoo:
    """Keeps what it is asked for, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.context: Context | None = None

    def names(self) -> list[str]:
        return ["a", "broken", "b"]

    def load(self, name: str) -> None:
        self.asked.append(("load", name))
        if name == "broken":
            raise CheckpointError("broken.safetensors: torn")

    def loaded(self) -> list[str]:
        return ["a", "b"]

    def prepare(self, name: str, threads: int) -> None:
        assert self.context is not None
        assert self.context.ready  # Plays do not wait for it
        assert threads == 3
        self.asked.append(("prepare", name))


@pytest.mark.anyio
async def test_models_are_loaded_then_prepared() -> None:
    zoo = NotedZoo()
    context = Context(Settings(threads=3), cast(Zoo, zoo), engine=None, metrics=None)  # type: ignore[arg-type]
    zoo.context = context
    await warm_up(context)
    assert zoo.asked == [
        ("load", "a"),
        ("load", "broken"),
        ("load", "b"),
        ("prepare", "a"),
        ("prepare", "b"),
    ]
    assert context.problems == {"broken": "broken.safetensors: torn"}
