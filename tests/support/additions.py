"""A family and a Play with a drawing, as docs/development.md has them added."""

from __future__ import annotations

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
