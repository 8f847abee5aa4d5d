"""How far a reconstruction is from its original: losses of the autoencoders, and their error."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from models.data.pixels import LEVEL


def laplacian_pyramid_loss(a: Tensor, b: Tensor, levels: int = 3) -> Tensor:
    """Mean absolute difference of two images, level by level of their Laplacian pyramids.

    Every level weighs the same, so edges count as much as areas (Bojanowski et al., 2018). With
    no pretrained perceptual network at hand this keeps the edges sharp.

    Args:
        a, b: [n, 3, H, W], H and W divisible by 2**levels.
    """
    difference = a - b
    loss = difference.new_zeros(())
    for _ in range(levels):
        coarse = F.avg_pool2d(difference, 2)
        loss = loss + (difference - F.interpolate(coarse, scale_factor=2)).abs().mean()
        difference = coarse
    return loss + difference.abs().mean()


def gaussian_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, exp(logvar)) ‖ N(0, 1)) in nats of every value, of the same shape."""
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar)


def rmse(images: Tensor, originals: Tensor) -> Tensor:
    """Root mean square error of each image [n, C, H, W], in steps of 1/255, [n]."""
    return (images - originals).mul(1 / LEVEL).square().mean(dim=(1, 2, 3)).sqrt()
