"""The gallery as a split, and a model that knows it by heart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.data.gallery import gallery
from models.procedures.guided import GuidedParameters
from models.runtime.sampler import State, View
from tests.models.tiny import AtOnce

if TYPE_CHECKING:
    from models.data.attributes import Attributes


class Known:
    """The gallery's faces, as those of any split."""

    def __init__(self, split: str, count: int) -> None:
        self.count = count

    def labels(self, rows: slice) -> Tensor:
        return torch.tensor([a.indices() for a in gallery().attributes[rows]])

    def attributes(self, i: int) -> Attributes:
        return gallery().attributes[i]


class Faithful(AtOnce):
    """Draws the gallery's face of a caption, in twice its size."""

    parameters = GuidedParameters

    def preview(self, state: State) -> View:
        which = gallery().captions.index(state.request.parameters.prompt)
        return View(gallery(128).images[which][None])
