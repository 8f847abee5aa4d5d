"""What the class-conditional diffusion model does for a request: noise to photo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.data.fashion import CLASSES
from models.families.fashion_diffusion import (
    NO_CLASS,
    SIDE,
    FashionDenoiser,
    as_colors,
    class_of,
    encode_classes,
)
from models.procedures.diffusion import DiffusionSampler, SampleParameters
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.sampler import Request, View

if TYPE_CHECKING:
    from models.procedures.guided import Denoising
    from models.runtime.checkpoint import Checkpoint


class FashionDiffusionSampler(DiffusionSampler):
    """Noise → photo, with guidance toward the class that the prompt names."""

    trials = ("", *CLASSES)

    def __init__(self, net: FashionDenoiser) -> None:
        super().__init__(net, encode_classes, (1, SIDE, SIDE))

    def start(self, request: Request[SampleParameters]) -> Denoising:
        """As of faces; a prompt that names no class is as good as none."""
        asked = request.parameters
        if class_of(asked.prompt) == NO_CLASS:
            request = replace(request, parameters=replace(asked, prompt=""))
        return super().start(request)

    def preview(self, state: Denoising) -> View:
        """As of faces, without the border."""
        view = super().preview(state)
        shown = ("x0", "before", "epsilon", "prompted", "plain")
        colors = {name: as_colors(view.extras[name]) for name in shown}
        return View(as_colors(view.images), {**view.extras, **colors})


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained model, which reads classes by itself."""
    net = checkpoint.build(FashionDenoiser)
    return Model(net, {"sample": FashionDiffusionSampler(net)})


ARCHITECTURE = Architecture(
    "fashion_diffusion", "diffusion", load, {"sample": FashionDiffusionSampler}
)
