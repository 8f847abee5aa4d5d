"""Cards: read once, and anew when their file has changed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from app.context import Context
from app.engine import Engine
from app.health.metrics import Metrics
from app.settings import Settings
from models.runtime.checkpoint import load_card
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def context(tmp_path: Path) -> Context:
    zoo = Zoo(tmp_path)
    return Context(Settings(), zoo, Engine(zoo), Metrics())


def write(folder: Path, text: str, changed: int) -> None:
    path = folder / "vae.json"
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(changed, changed))


def test_a_card_is_read_once_and_anew_when_it_changes(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def note(name: str, folder: Path) -> dict[str, object]:
        reads.append(name)
        return load_card(name, folder)

    monkeypatch.setattr("models.runtime.zoo.load_card", note)
    assert context.card("vae") == {}
    reads.clear()
    write(tmp_path, json.dumps({"parameters": 1}), 10**18)
    assert [context.card("vae") for _ in range(3)] == [{"parameters": 1}] * 3
    assert reads == ["vae"]
    write(tmp_path, json.dumps({"parameters": 2}), 2 * 10**18)
    assert [context.card("vae") for _ in range(3)] == [{"parameters": 2}] * 3
    assert reads == ["vae"] * 2


def test_a_card_that_cannot_be_read_is_empty(context: Context, tmp_path: Path) -> None:
    write(tmp_path, "{", 10**18)
    assert context.card("vae") == {}
    write(tmp_path, '{"parameters": 3}', 2 * 10**18)
    assert context.card("vae") == {"parameters": 3}
    (tmp_path / "vae.json").unlink()
    assert context.card("vae") == {}
