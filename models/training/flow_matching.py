"""Recipe of flow matching: the diffusion recipe on straight paths."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.clip import TextFeatures
from models.denoiser import Denoiser
from models.flow_matching import FlowMatchingSampler
from models.training.denoising import logit_normal, straight_loss, stress_start
from models.training.diffusion import DiffusionRecipe

MEAN, DEVIATION = 0.5, 1.0
"""Of the times' logits: a little more noise than image, since neighbouring pixels agree."""


class FlowMatchingRecipe(DiffusionRecipe):
    """The same faces, captions, network and optimizer as :class:`DiffusionRecipe`."""

    name, family = "flow-matching", "diffusion"
    loss = "MSE of the velocity implied by the predicted image, t at least 1/20"

    def _times(self, u: Tensor) -> Tensor:
        early, t = stress_start(u)
        return torch.where(early, t, logit_normal(t, MEAN, DEVIATION))

    def _loss(self, x0: Tensor, t: Tensor, text: TextFeatures) -> Tensor:
        return straight_loss(self.net, x0, t, text)

    def sampler(self) -> FlowMatchingSampler:
        """Sampler over the averaged weights, on the CPU."""
        net = self.averages["net"].module
        assert isinstance(net, Denoiser)
        return FlowMatchingSampler(net.float().cpu(), self.clip.cpu())

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        card = super().describe()
        card["recipe"]["schedule"] = "straight paths"
        card["recipe"]["times"] = (
            f"logit-normal ({MEAN:g}, {DEVIATION:g}), a quarter of them uniform in 0.9 … 1"
        )
        return card
