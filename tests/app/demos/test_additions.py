"""What docs/development.md says of additions is tried: each is played over HTTP to its end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import torch
from fastapi.testclient import TestClient

from app.demos.registry import PACKAGES as DEMO_PACKAGES
from app.factory import create_app
from app.inputs import Inputs
from app.settings import Settings
from models.runtime.checkpoint import FOLDER, save_checkpoint
from models.runtime.zoo import PACKAGES, Zoo

if TYPE_CHECKING:
    from pathlib import Path

Write = Callable[[dict[str, str]], None]
STREAM = {"accept": "text/event-stream"}

FAMILY = '''
"""A network of one layer that turns noise into a picture."""
import torch
from torch import Tensor, nn


class Toy(nn.Module):
    """Noise [n, 4] → images [n, 3, 8, 8]."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3 * 8 * 8)

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.layer(z)).view(-1, 3, 8, 8)
'''
PROCEDURE = '''
"""What the toy does for a request."""
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Interval
from torch import Tensor

from models.runtime.architecture import Architecture, Model
from models.runtime.parameters import Parameters
from models.runtime.randomness import noise
from models.runtime.sampler import Sampler, State, View, split_rows
from toy.families.toy import Toy


@dataclass
class Drawing(State):
    z: Tensor
    images: Tensor


@dataclass(frozen=True)
class SampleParameters(Parameters):
    """How wide the noise is."""

    width: Annotated[float, Interval(ge=0, le=3)] = 1.0


class ToySampler(Sampler[Drawing, SampleParameters]):
    """One pass."""

    parameters = SampleParameters

    def __init__(self, network: Toy) -> None:
        self.network = network

    def start(self, request):
        z = request.parameters.width * noise(request, 4)
        return Drawing(request, 0, 1, z, torch.zeros(request.n, 3, 8, 8))

    def step(self, states: Sequence[Drawing]) -> None:
        images = self.network(torch.cat([state.z for state in states]))
        for state, part in zip(states, split_rows(images, states), strict=True):
            state.images = part
            state.step += 1

    def preview(self, state: Drawing) -> View:
        return View(state.images)


def load(checkpoint, parts):
    network = checkpoint.build(Toy)
    return Model(network, {"sample": ToySampler(network)})


ARCHITECTURE = Architecture("toy", "toy", load, {"sample": ToySampler})
'''
DEMO = '''
"""Slide 3: the toy."""
from app.demos.demo import Demo, follow
from app.demos.panels import picture
from app.demos.parameters import Parameters, slider_of
from toy.procedures.toy import SampleParameters


class ToyParameters(Parameters):
    """How wide the noise is."""

    width: float = slider_of(SampleParameters, "width", "Width", step=0.1)


class ToyDemo(Demo[ToyParameters]):
    """Two toys."""

    name, slide, title, family = "toy", 3, "Toys", "flow"
    hint = "Two toys."
    models = ("toy",)
    parameters = ToyParameters

    def frames(self, context, p):
        """Before and after the pass."""
        request = context.request("toy.sample", n=2, seed=p.seed, width=p.width)
        return follow(
            context, "toy.sample", request,
            lambda view, _: [picture(view.images, "Toys", "Two toys")],
            lambda progress: f"Pass {progress.step} of {progress.total}.",
        )
'''
TRACE = '''
"""Slide 3: noise under a drawing."""
from app.demos.demo import Demo, Frame
from app.demos.panels import Message, picture
from app.demos.parameters import Parameters, given


class TraceParameters(Parameters):
    """What was drawn."""

    drawing: str = given("drawing", "Drawing")


class Trace(Demo[TraceParameters]):
    """A drawing, shown."""

    name, slide, title, family = "trace", 3, "Trace", "flow"
    hint = "Draw something."
    models = ("flow",)
    parameters = TraceParameters
    seeded = False

    async def frames(self, context, p):
        """One frame."""
        if not p.drawing:
            yield Frame((Message("Nothing is drawn yet."),), "No drawing.", 1, 1, done=True)
            return
        drawn = context.input("drawing", p.drawing)
        sheet = picture(1 - 2 * drawn.expand(-1, 3, -1, -1), "Drawn", "The drawing")
        yield Frame((sheet,), f"{int(drawn.sum())} places are drawn.", 1, 1, done=True)
'''


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Makes packages of modules, by path, that can be imported while the test runs."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def write(modules: dict[str, str]) -> None:
        for name, text in modules.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for folder in (path.parent, path.parent.parent):
                if folder != tmp_path:
                    (folder / "__init__.py").touch()
            path.write_text(text)

    return write


def test_a_family_is_its_own_files_and_no_table(tmp_path: Path, write: Write) -> None:
    """Touched: the family's file, its procedures' file, its demo's file; its recipe writes the two
    files of the checkpoint, in whose place this test saves random weights."""
    write({"toy/families/toy.py": FAMILY, "toy/procedures/toy.py": PROCEDURE})
    write({"toy/demos/toy.py": DEMO})
    weights = {"layer.weight": torch.randn(192, 4), "layer.bias": torch.zeros(192)}
    card = {"architecture": {"name": "toy"}, "family": "toy", "dataset": "faces"}
    save_checkpoint("toy", weights, {**card, "parameters": 960}, tmp_path / "checkpoints")
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
