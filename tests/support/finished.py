"""A context whose models have already drawn whatever is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch

from app.engine import Progress
from models.runtime.sampler import Request, View
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from app.context import Context
    from app.demos.demo import Demo
    from app.demos.kit import Scene
    from app.demos.parameters import Parameters


class Finished:
    """Stands for a :class:`app.context.Context`, and for the watch of every request.

    Args:
        seconds: that everything took.
        extras: of the view that is the only one.
    """

    def __init__(self, seconds: float = 0.5, **extras: Any) -> None:
        self.seconds, self.extras = seconds, extras
        self.zoo = Zoo()
        self.n = 1

    def card(self, name: str) -> dict[str, Any]:
        return self.zoo.card(name)

    def request(
        self, procedure: str, n: int | None = None, seed: int = 0, **values: Any
    ) -> Request[Any]:
        return self.zoo.request(procedure, n, seed, **values)

    def submit(self, _: str, request: Request[Any], frames: bool = True) -> Finished:
        self.n = request.n
        return self

    def leave(self) -> None:
        pass

    async def progress(self) -> AsyncGenerator[Progress, None]:
        yield await self.result()

    async def result(self) -> Progress:
        view = View(torch.zeros(self.n, 3, 64, 64), self.extras)
        return Progress(1, 1, self.seconds, self.seconds, lambda: view, done=True)


async def last_scene(demo: Demo[Any], p: Parameters, **extras: Any) -> Scene:
    """What a Play shows in the end of a view with these extras."""
    context = cast("Context", Finished(**extras))
    frames = [frame async for frame in demo.frames(context, p)]
    scene = frames[-1].scene
    assert scene is not None
    return scene
