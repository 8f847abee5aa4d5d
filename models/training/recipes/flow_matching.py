"""Recipe of flow matching: the diffusion recipe on straight paths."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from models.parts.denoiser import Denoiser
from models.procedures.flow_matching import FlowMatchingSampler
from models.training.denoising import Batch, straight_loss
from models.training.recipes.diffusion import DiffusionRecipe


class FlowMatchingRecipe(DiffusionRecipe):
    """The same faces, captions, network and optimizer as :class:`DiffusionRecipe`."""

    name, family = "flow-matching", "diffusion"
    architecture = "flow_matching"
    loss = "MSE of the velocity implied by the predicted image, t at least 1/20"

    def _loss(self, batch: Batch, t: Tensor) -> Tensor:
        return straight_loss(self.net, batch, t)

    def sampler(self) -> FlowMatchingSampler:
        """Sampler over the averaged weights, on the CPU."""
        net = self.averages["net"].module
        assert isinstance(net, Denoiser)
        return FlowMatchingSampler(net.float().cpu(), self.clip.cpu())

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        card = super().describe()
        card["recipe"]["schedule"] = "straight paths"
        return card
