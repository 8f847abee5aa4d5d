"""What docs/development.md has one add, as small as it can be: a family, its recipe, two Plays.

Each text is a module; a test writes them into a package of their own and plays them.
"""

from __future__ import annotations

FAMILY = '''
"""Noise turned into pictures by one layer, which learns the mean picture of its data.

Loss: E |tanh(W z + b) - x|^2 (least squares), over z ~ N(0, I) and pictures x.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Toy(nn.Module):
    """Noise [n, 4] to images [n, 3, 64, 64] in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3 * 64 * 64)

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.layer(z)).view(-1, 3, 64, 64)


def least_squares(net: Toy, z: Tensor, x: Tensor) -> Tensor:
    """Mean squared error between what noise becomes and pictures x [n, 3, 64, 64]."""
    return (net(z) - x).square().mean()
'''

PROCEDURE = '''
"""What the toy does for a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Interval
from torch import Tensor

from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.checkpoint import Checkpoint
from models.runtime.parameters import Parameters
from models.runtime.randomness import noise
from models.runtime.sampler import Request, Sampler, State, View, deal
from toy.families.toy import Toy


@dataclass
class Drawing(State):
    """Noise z [n, 4] and what it has become, [n, 3, 64, 64]."""

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

    def start(self, request: Request[SampleParameters]) -> Drawing:
        z = request.parameters.width * noise(request, 4)
        return Drawing(request, step=0, total=1, z=z, images=torch.zeros(request.n, 3, 64, 64))

    def step(self, states: Sequence[Drawing]) -> None:
        deal(states, images=self.network(torch.cat([state.z for state in states])))

    def preview(self, state: Drawing) -> View:
        return View(state.images)


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    network = checkpoint.build(Toy)  # given the recipe's arguments
    return Model(network, {"sample": ToySampler(network)})


ARCHITECTURE = Architecture("toy", "toy", load, {"sample": ToySampler})
'''

RECIPE = '''
"""Recipe of the toy."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.data.gallery import gallery
from models.training.recipe import EMA, Recipe, count_parameters, set_rate
from toy.families.toy import Toy, least_squares


class ToyRecipe(Recipe):
    """The 256 faces of the gallery."""

    name, family, architecture, minutes, rate = "toy", "toy", "toy", 0.1, 1e-2

    def __init__(self, device: str, seed: int) -> None:
        super().__init__(device, seed)
        self.images = gallery().images.to(device)
        self.net = Toy().to(device)
        self.modules["net"] = self.net
        self.averages["net"] = EMA(self.net, 0.9)
        self.optimizers["net"] = torch.optim.Adam(self.net.parameters(), self.rate)
        self.images_per_step = 8

    def train_step(self, step: int, progress: float) -> dict[str, float]:
        set_rate(self.optimizers["net"], self.rate, progress, step)
        x = self.images[torch.randint(len(self.images), (self.images_per_step,))]
        loss = least_squares(self.net, torch.randn(len(x), 4, device=self.device), x)
        self.descend("net", loss, step)
        return {"loss": loss.item()}

    @torch.no_grad()
    def sheet(self) -> Tensor:
        return self.shipped(Toy)(torch.randn(16, 4))

    def describe(self) -> dict[str, Any]:
        return {
            "data": "faces 64x64, the 256 of the gallery",
            "recipe": {"optimizer": "Adam", "rate": self.rate, "batch": 8, "loss": "MSE"},
            "parameters": count_parameters(self.net),
        }

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        net, x = self.shipped(Toy), self.images.cpu()
        return {"mse": round(least_squares(net, torch.randn(len(x), 4), x).item(), 4)}
'''

DEMO = '''
"""Slide 3: the toy."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from app.context import Context
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import Picture, Scene
from app.demos.parameters import Parameters, slider_of
from app.engine import Progress
from models.runtime.sampler import View
from toy.procedures.toy import SampleParameters


class ToyParameters(Parameters):
    """How wide the noise is."""

    width: float = slider_of(SampleParameters, "width", "Width", step=0.1)


class ToyDemo(Demo[ToyParameters]):
    """Two toys."""

    name, slide, order, title, family = "toy", 3, 50, "Toys", "flow"
    hint = "Two toys."
    models = ("toy",)
    parameters = ToyParameters

    def frames(self, context: Context, p: ToyParameters) -> AsyncGenerator[Frame, None]:
        """Before and after the pass."""

        def draw(view: View, progress: Progress) -> Scene:
            return Scene(Picture(view.images, "Two toys", "Toys"), "Two toys.")

        def note(progress: Progress) -> str:
            return f"Pass {progress.step} of {progress.total}."

        request = context.request("toy.sample", n=2, seed=p.seed, width=p.width)
        return follow(context, "toy.sample", request, draw, note)
'''

TRACE = '''
"""Slide 3: a drawing, shown."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from app.context import Context
from app.demos.demo import Demo, Frame
from app.demos.kit import Picture, Scene
from app.demos.parameters import Parameters, given


class TraceParameters(Parameters):
    """What was drawn."""

    drawing: str = given("drawing", "Drawing")


class Trace(Demo[TraceParameters]):
    """A drawing, shown."""

    name, slide, order, title, family = "trace", 3, 51, "Trace", "flow"
    hint = "Draw something."
    models = ("flow",)
    parameters = TraceParameters
    seeded = False

    async def frames(self, context: Context, p: TraceParameters) -> AsyncGenerator[Frame, None]:
        """One frame."""
        if not p.drawing:
            yield Frame("No drawing.", 1, 1, done=True, message="Nothing is drawn yet.")
            return
        drawn = context.input("drawing", p.drawing)  # float [1, 1, 64, 64], 1 where it is drawn
        sheet = Picture(1 - 2 * drawn.expand(-1, 3, -1, -1), "The drawing", "Drawn")
        said = f"{int(drawn.sum())} places are drawn."
        yield Frame(said, 1, 1, done=True, scene=Scene(sheet, said))
'''
