"""The gallery as a split, and a model that knows it by heart."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from models.data.attributes import Attributes
from models.data.gallery import gallery
from models.sampler import Request, Sampler, State, View


class Known:
    """The gallery's faces, as those of any split."""

    def __init__(self, split: str, count: int) -> None:
        self.count = count

    def labels(self, rows: slice) -> Tensor:
        return torch.tensor([a.indices() for a in gallery().attributes[rows]])

    def attributes(self, i: int) -> Attributes:
        return gallery().attributes[i]


class Faithful(Sampler[State]):
    """Draws the gallery's face of a caption, in twice its size."""

    def start(self, request: Request) -> State:
        return State(request, 0, 1)

    def step(self, states: Sequence[State]) -> None:
        for state in states:
            state.step += 1

    def preview(self, state: State) -> View:
        which = gallery().captions.index(state.request.prompt)
        return View(gallery(128).images[which][None])
