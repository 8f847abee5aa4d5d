"""What the class-conditional diffusion model does for a request: noise to photo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from models.families.fashion_diffusion import NO_CLASS, SIDE, FashionDenoiser, as_colors, class_of
from models.procedures.diffusion import Denoising, DiffusionSampler
from models.runtime.checkpoint import FOLDER, load_checkpoint, load_into
from models.runtime.sampler import Request, Sampler, View


class FashionDiffusionSampler(DiffusionSampler):
    """Noise → photo, with guidance toward the class that the prompt names."""

    def __init__(self, net: FashionDenoiser) -> None:
        super().__init__(net, net.classes, (1, SIDE, SIDE))

    def start(self, request: Request) -> Denoising:
        """As of faces; a prompt that names no class is as good as none."""
        unnamed = class_of(request.prompt) == NO_CLASS
        state = super().start(replace(request, prompt="") if unnamed else request)
        state.request = request
        return state

    def preview(self, state: Denoising) -> View:
        """As of faces, without the border."""
        view = super().preview(state)
        extras = {**view.extras, "x0": as_colors(state.x0)}
        return View(as_colors(view.images), extras)


def load(name: str = "fashion-diffusion", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """The trained model's procedures.

    Raises:
        CheckpointError: see :func:`models.runtime.checkpoint.load_checkpoint`.
    """
    weights, _ = load_checkpoint(name, folder)
    net = FashionDenoiser()
    load_into(net, weights, name)
    return {"sample": FashionDiffusionSampler(net)}
