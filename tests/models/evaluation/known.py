"""The galleries as splits, and a model that knows that of the faces by heart."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from models.data.dataset import Pictures
from models.data.gallery import WORLDS, gallery, landscapes
from models.data.pixels import to_file
from models.evaluation.worlds import WorldMeasure
from models.procedures.guided import GuidedParameters
from models.runtime.sampler import State, View
from tests.models.tiny import AtOnce

GALLERIES = {"faces": gallery, "landscapes": landscapes}
JUDGES = {"faces": "judge", "landscapes": "landscape-judge"}


class Known(Pictures[Any]):
    """The first pictures of a world's gallery, as those of any split."""

    def __init__(self, world: str, split: str, count: int) -> None:
        shown: Any = GALLERIES[world]()
        self.world, self.device = WORLDS[world], "cpu"
        self.images = to_file(shown.images[:count])
        self.indices = np.array([a.indices() for a in shown.attributes[:count]])
        self.rng = np.random.default_rng(0)


def known_world(name: str, pictures: type[Known] = Known) -> WorldMeasure:
    """A world that has nothing but its gallery."""
    return WorldMeasure(WORLDS[name], JUDGES[name], partial(pictures, name))


class Faithful(AtOnce):
    """Draws the gallery's face of a caption, in twice its size."""

    parameters = GuidedParameters

    def preview(self, state: State) -> View:
        which = gallery().captions.index(state.request.parameters.prompt)
        return View(gallery(128).images[which][None])
