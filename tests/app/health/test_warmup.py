"""The warm-up loads every model, lets each prepare, and then measures batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from app.context import Context
from app.engine import Engine
from app.health.warmup import warm_up
from app.settings import Settings
from models.runtime.checkpoint import CheckpointError
from models.runtime.zoo import Zoo


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
        assert not self.context.prepared
        assert threads == 3
        self.asked.append(("prepare", name))

    def procedures(self) -> list[str]:
        return ["a.sample", "broken.sample", "b.sample"]


class NotedEngine:
    """Busy every other time that it is looked at; what it measures goes to the zoo's list.

    Args:
        disturbed: procedures that a Play disturbs once, while they are measured.
    """

    def __init__(self, asked: list[tuple[str, str]], disturbed: Sequence[str] = ()) -> None:
        self.asked, self.looks, self.disturbed = asked, 0, list(disturbed)
        self.last_step = 7.0

    @property
    def load(self) -> tuple[int, int]:
        self.looks += 1
        return self.looks % 2, 0

    def measure(self, procedure: str) -> None:
        assert self.looks % 2 == 0
        self.asked.append(("measure", procedure))
        if procedure in self.disturbed:
            self.disturbed.remove(procedure)
            self.last_step += 1


@pytest.mark.anyio
async def test_models_are_loaded_then_prepared_then_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.health.warmup.IDLE_SECONDS", 0.0)
    zoo = NotedZoo()
    engine = cast(Engine, NotedEngine(zoo.asked, disturbed=["b.sample"]))
    context = Context(Settings(threads=3), cast(Zoo, zoo), engine, metrics=None)  # type: ignore[arg-type]
    zoo.context = context
    await warm_up(context)
    assert zoo.asked == [
        ("load", "a"),
        ("load", "broken"),
        ("load", "b"),
        ("prepare", "a"),
        ("prepare", "b"),
        ("measure", "a.sample"),
        ("measure", "b.sample"),
        ("measure", "b.sample"),
    ]
    assert context.prepared
    assert context.problems == {"broken": "broken.safetensors: torn"}


@pytest.mark.anyio
async def test_models_need_not_be_prepared() -> None:
    zoo = NotedZoo()
    engine = cast(Engine, NotedEngine([]))
    settings = Settings(threads=3, accelerate=False)
    await warm_up(Context(settings, cast(Zoo, zoo), engine, metrics=None))  # type: ignore[arg-type]
    assert {what for what, _ in zoo.asked} == {"load"}
