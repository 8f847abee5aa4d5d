"""What the flow-matching model does for a request: follow its velocity from noise to image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from models.families.flow_matching import StraightPath, euler_step
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.procedures.guided import Denoising, GuidedParameters, GuidedSampler
from models.runtime.architecture import Architecture, Model, Parts
from models.runtime.sampler import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from models.runtime.checkpoint import Checkpoint


@dataclass(frozen=True)
class SampleParameters(GuidedParameters):
    """Of a draw by flow matching.

    Attributes:
        solver: of dx/dt = v(x, t).
    """

    solver: Literal["euler"] = "euler"


class FlowMatchingSampler(GuidedSampler[SampleParameters]):
    """Noise → image along the learned velocity, in Euler's steps, with guidance as diffusion's."""

    parameters = SampleParameters
    path: ClassVar[StraightPath] = StraightPath()

    def _update(
        self, states: Sequence[Denoising], x: Tensor, x0: Tensor, t: Tensor, s: Tensor
    ) -> Tensor:
        return euler_step(self.path, x, x0, t, s)

    def preview(self, state: Denoising) -> View:
        """x_t, the image at the end of the straight line that it is on, t and the ``detour``.

        ``x`` is x_t as it is, ``origin`` the noise that it came from.
        """
        extras = {
            "x": state.x,
            "origin": state.origin,
            "x0": state.x0,
            "t": float(state.times[state.step]),
            "detour": state.detour,
        }
        return View(state.x.clamp(-1, 1), extras)


def load(checkpoint: Checkpoint, parts: Parts) -> Model:
    """The trained model, which reads prompts by CLIP."""
    net = checkpoint.build(Denoiser)
    return Model(net, {"sample": FlowMatchingSampler(net, parts.network("clip", CLIP).encode_text)})


ARCHITECTURE = Architecture("flow_matching", "diffusion", load, {"sample": FlowMatchingSampler})
