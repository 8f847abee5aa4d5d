"""The autoencoder of latent diffusion: 128×128 pixels ↔ 16×16×4 latents.

Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models", 2022: eight times
smaller a side, 64 times fewer positions, a KL so small that the latent stays nearly free of noise.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.parts.layers import ConvDecoder, ConvEncoder
from models.parts.losses import laplacian_pyramid_loss

CHANNELS = 4
FACTOR = 8
PIXELS = 128
SIDE = PIXELS // FACTOR


class Autoencoder(nn.Module):
    """Convolutional encoder and decoder around a scaled Gaussian latent."""

    scale: Tensor
    to_rgb: Tensor

    def __init__(self, widths: tuple[int, ...] = (64, 128)) -> None:
        super().__init__()
        self.encoder = ConvEncoder(4, widths, 2 * CHANNELS)
        self.decoder = ConvDecoder(4, widths, CHANNELS)
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("to_rgb", torch.zeros(CHANNELS + 1, 3))

    def moments(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """[n, 3, 128, 128] in [-1, 1] → unscaled ``mu``, ``logvar``, each [n, 4, 16, 16]."""
        mu, logvar = self.encoder(images).chunk(2, dim=1)
        return mu, logvar.clamp(-20, 4)

    def encode(self, images: Tensor) -> Tensor:
        """The latent's mean, scaled to unit variance over the data, [n, 4, 16, 16]."""
        return self.moments(images)[0] * self.scale

    def decode(self, latents: Tensor) -> Tensor:
        """Scaled latents [n, 4, 16, 16] → images [n, 3, 128, 128]."""
        out: Tensor = self.decoder(latents / self.scale)
        return out

    def colors(self, latents: Tensor) -> Tensor:
        """The linear map of the four channels that best matches the image's colours.

        [n, 4, 16, 16] → [n, 3, 16, 16] in [-1, 1].
        """
        mapped = torch.einsum("nchw,cd->ndhw", latents, self.to_rgb[:-1])
        return (mapped + self.to_rgb[-1][:, None, None]).clamp(-1, 1)


def reconstruction_loss(images: Tensor, rebuilt: Tensor) -> Tensor:
    """Mean absolute error and the Laplacian pyramid's, images [n, 3, H, W]; to it comes a little
    of the latent's :func:`models.parts.losses.gaussian_kl`.
    """
    return (rebuilt - images).abs().mean() + laplacian_pyramid_loss(rebuilt, images)
