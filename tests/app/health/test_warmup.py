"""The warm-up loads every model, lets each prepare, and then measures batches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from app.context import Context
from app.demos.registry import Demos
from app.health import warmup
from app.health.played import played
from app.health.warmup import TRIES, warm_up
from app.settings import Settings
from models.runtime.checkpoint import CheckpointError
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.engine import Engine


class NotedZoo:
    """Keeps what it is asked for, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.context: Context | None = None

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

    def find(self, **_: str) -> list[str]:
        return []


class NotedEngine:
    """Busy every other time that it is looked at; what it measures goes to the zoo's list.

    Args:
        disturbed: procedures that a Play disturbs, each once, while they are measured.
    """

    def __init__(self, asked: list[tuple[str, str]], disturbed: Sequence[str] = ()) -> None:
        self.asked, self.looks, self.disturbed = asked, 0, list(disturbed)

    @property
    def load(self) -> tuple[int, int]:
        self.looks += 1
        return self.looks % 2, 0

    def measure(self, procedure: str) -> bool:
        assert self.looks % 2 == 0
        self.asked.append(("measure", procedure))
        if procedure in self.disturbed:
            self.disturbed.remove(procedure)
            return False
        return True


class BusyEngine(NotedEngine):
    """A crowd that never pauses."""

    @property
    def load(self) -> tuple[int, int]:
        return 3, 100


@pytest.mark.anyio
async def test_models_are_loaded_then_prepared_then_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.health.warmup.IDLE_SECONDS", 0.0)
    zoo = NotedZoo()
    engine = cast("Engine", NotedEngine(zoo.asked, disturbed=["b.sample"]))
    context = Context(Settings(threads=3), cast("Zoo", zoo), engine, metrics=None, demos=Demos(()))  # type: ignore[arg-type]
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
    engine = cast("Engine", NotedEngine([]))
    settings = Settings(threads=3, accelerate=False)
    await warm_up(Context(settings, cast("Zoo", zoo), engine, metrics=None))  # type: ignore[arg-type]
    assert {what for what, _ in zoo.asked} == {"load"}


@pytest.mark.anyio
async def test_a_crowd_that_never_pauses_does_not_keep_the_models_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warmup, "IDLE_SECONDS", 0.001)
    monkeypatch.setattr(warmup, "PATIENCE", 0.01)
    zoo = NotedZoo()
    engine = cast("Engine", BusyEngine(zoo.asked))
    context = Context(Settings(threads=3), cast("Zoo", zoo), engine, metrics=None, demos=Demos(()))  # type: ignore[arg-type]
    zoo.context = context
    await asyncio.wait_for(warm_up(context), 20)
    assert context.prepared
    assert [name for what, name in zoo.asked if what == "prepare"] == ["a", "b"]
    assert not [name for what, name in zoo.asked if what == "measure"]  # it would be wrong


@pytest.mark.anyio
async def test_what_is_always_disturbed_is_measured_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warmup, "IDLE_SECONDS", 0.0)
    zoo = NotedZoo()
    engine = cast("Engine", NotedEngine(zoo.asked, disturbed=["a.sample"] * 100))
    settings = Settings(threads=3, accelerate=False)
    context = Context(settings, cast("Zoo", zoo), engine, metrics=None, demos=Demos(()))  # type: ignore[arg-type]
    await warm_up(context)
    assert zoo.asked.count(("measure", "a.sample")) == TRIES
    assert zoo.asked.count(("measure", "b.sample")) == 1


def test_models_that_no_play_uses_are_not_needed() -> None:
    names = played(Zoo(), Demos())
    assert names[0] == "vae"  # the first slide's
    assert not {"fashion-judge", "landscape-judge"} & set(names)
    assert {"vae", "clip", "tokenizer", "autoencoder", "fashion-flow"} <= set(names)
