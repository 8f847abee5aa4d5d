"""What the flow-matching model does for a request: follow its velocity from noise to image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor

from models.families.flow_matching import StraightPath, euler_step
from models.parts.clip import load as load_clip
from models.parts.denoiser import Denoiser
from models.procedures.diffusion import Denoising, DiffusionSampler
from models.runtime.checkpoint import FOLDER, load_checkpoint, load_into
from models.runtime.sampler import Sampler, View


class FlowMatchingSampler(DiffusionSampler):
    """Noise → image along the learned velocity, in Euler's steps, with guidance as its twin's."""

    solvers: ClassVar[tuple[str, ...]] = ("euler",)
    path: ClassVar[StraightPath] = StraightPath()

    def _update(
        self, states: Sequence[Denoising], x: Tensor, x0: Tensor, t: Tensor, s: Tensor
    ) -> Tensor:
        return euler_step(self.path, x, x0, t, s)

    def preview(self, state: Denoising) -> View:
        """x_t, the image at the end of the straight line that it is on, t and the ``detour``."""
        extras = {"x0": state.x0, "t": float(state.times[state.step]), "detour": state.detour}
        return View(state.x.clamp(-1, 1), extras)


def load(name: str = "flow-matching", folder: Path = FOLDER) -> dict[str, Sampler[Any]]:
    """The trained model's procedures; needs the CLIP checkpoint beside it.

    Raises:
        CheckpointError: see :func:`models.runtime.checkpoint.load_checkpoint`.
    """
    weights, _ = load_checkpoint(name, folder)
    net = Denoiser()
    load_into(net, weights, name)
    return {"sample": FlowMatchingSampler(net, load_clip("clip", folder))}
