"""Recipe of flow matching: the diffusion recipe on straight paths."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.families.flow_matching import straight_loss
from models.parts.denoiser import Denoiser
from models.procedures.flow_matching import FlowMatchingSampler
from models.training.recipe import on_cpu
from models.training.recipes.diffusion import DiffusionRecipe

if TYPE_CHECKING:
    from models.training.objectives.denoising import Batch


class FlowMatchingRecipe(DiffusionRecipe):
    """The same faces, captions, network and optimizer as :class:`DiffusionRecipe`."""

    architecture = "flow_matching"
    name, family, lender = "flow-matching", "diffusion", None
    loss = "MSE of the velocity implied by the predicted image, t at least 1/20"

    def _loss(self, batch: Batch, t: Tensor) -> Tensor:
        net = partial(self.net, given=batch.conditions)
        return straight_loss(net, batch.x0, torch.randn_like(batch.x0), t)

    def sampler(self) -> FlowMatchingSampler:
        """Sampler over the averaged weights, on the CPU."""
        return FlowMatchingSampler(self.shipped(Denoiser), on_cpu(self.clip).encode_text)

    def describe(self) -> dict[str, Any]:
        """Card entries."""
        card = super().describe()
        card["recipe"]["schedule"] = "straight paths"
        return card
