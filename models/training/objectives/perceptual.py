"""How different two pictures look to a network that was trained on photographs.

Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", 2018.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from models.parts.efficientnet import EfficientNetLite

SEEN = (0, 1, 2)
"""Stages that are compared, at 1/2, 1/4 and 1/8 of the picture's side."""


class PerceptualLoss(nn.Module):
    """Mean absolute difference of what each seen stage answers to two pictures.

    Args:
        network: it is frozen.
        images: real ones [n, 3, H, W], over which each channel of a stage gets deviation 1, so that
            none outweighs the others.
    """

    def __init__(self, network: EfficientNetLite, images: Tensor) -> None:
        super().__init__()
        self.network = network.requires_grad_(False).eval()
        with torch.no_grad():
            answers = network.stages(images, SEEN)
        for i, answer in enumerate(answers):
            self.register_buffer(f"deviation_{i}", answer.std((0, 2, 3), keepdim=True) + 1e-4)

    def forward(self, images: Tensor, rebuilt: Tensor) -> Tensor:
        """Images and rebuilt ones, [n, 3, H, W] → the loss, which ``rebuilt`` alone hears."""
        with torch.no_grad():
            wanted = self.network.stages(images, SEEN)
        losses = [
            ((answer - want).abs() / self.get_buffer(f"deviation_{i}")).float().mean()
            for i, (answer, want) in enumerate(
                zip(self.network.stages(rebuilt, SEEN), wanted, strict=True)
            )
        ]
        return torch.stack(losses).mean()
