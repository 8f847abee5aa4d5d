"""What docs/development.md says of additions is tried: each is played over HTTP to its end."""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi.testclient import TestClient

from app.demos.registry import PACKAGES as DEMO_PACKAGES
from app.factory import create_app
from app.inputs import Inputs
from app.settings import Settings
from models.runtime.checkpoint import FOLDER, save_checkpoint
from models.runtime.zoo import PACKAGES, Zoo
from models.training.catalogue import recipes
from models.training.loop import Loop
from tests.support.additions import DEMO, FAMILY, PROCEDURE, RECIPE, TRACE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.conftest import Write

STREAM = {"accept": "text/event-stream"}


def test_a_family_is_its_own_files_and_no_table(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Touched: the family's file, its procedures', its recipe's and its demo's."""
    write({"toy/families/toy.py": FAMILY, "toy/procedures/toy.py": PROCEDURE})
    write({"toy/recipes/toy.py": RECIPE, "toy/demos/toy.py": DEMO})
    recipe = recipes([importlib.import_module("toy.recipes.toy")])["toy"]
    shipped = partial(save_checkpoint, folder=tmp_path / "checkpoints")
    monkeypatch.setattr("models.training.loop.save_checkpoint", shipped)
    Loop(recipe("cpu", 0), tmp_path / "run", minutes=1, seed=0, passes=24).run()
    zoo = Zoo(tmp_path / "checkpoints", (*PACKAGES, "toy.procedures"))
    app = create_app(Settings(warm_up=False), zoo, (*DEMO_PACKAGES, "toy.demos"))
    with TestClient(app) as client:
        page = client.get("/slides/3?demo=toy").text
        played = client.get("/slides/3/play?demo=toy&seed=4&width=2", headers=STREAM).text
        answer = client.post("/api/v1/models/toy/sample", json={"n": 2, "width": 3})
        refused = client.post("/api/v1/models/toy/sample", json={"width": 4})
    assert 'max="3.0"' in page  # the slider's bound is the procedure's
    assert ">Toys</a>" in page
    assert "Pass 1 of 1. Seed 4, " in played.split("data-done")[1]
    assert "message-bad" not in played
    assert answer.status_code == 200
    assert refused.status_code == 422


def test_a_play_with_a_drawing_is_one_file(write: Write) -> None:
    """Touched: the demo's file. Its address spells the drawing out or names one that was sent."""
    write({"sketches/trace.py": TRACE})
    bits = bytes([0b1100_0000]) + bytes(511)
    drawing = Inputs().put("drawing", bits)
    app = create_app(
        Settings(warm_up=False), Zoo(FOLDER), demo_packages=(*DEMO_PACKAGES, "sketches")
    )
    with TestClient(app) as client:
        sent = client.post("/inputs/drawing", content=bits, headers={"origin": "http://testserver"})
        wanted = {"demo": "trace", "drawing": drawing}
        page = client.get(f"/slides/3?{urlencode(wanted)}").text
        played, empty, broken = (
            client.get(f"/slides/3/play?{urlencode({**wanted, 'drawing': d})}", headers=STREAM).text
            for d in (drawing, "", "0" * 32)
        )
    assert sent.json() == {"reference": drawing}
    assert f'name="drawing" value="{drawing}"' in page
    assert f"/inputs/drawing/{drawing}.png" in page
    assert "2 places are drawn." in played
    assert "data:image/webp" in played.split("data-done")[1]
    assert "Nothing is drawn yet." in empty
    assert "This drawing is no longer kept here." in broken
