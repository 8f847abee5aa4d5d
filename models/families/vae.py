"""Variational autoencoder (Kingma & Welling, "Auto-Encoding Variational Bayes", 2013).

The encoder gives each image a diagonal Gaussian q(z|x) = N(mu, diag(exp(logvar))), the decoder
rebuilds the image from a sample z. The decoder's noise has one variance for all pixels, set to
its maximum-likelihood value (sigma-VAE: Rybkin et al., "Simple and Effective VAE Training with
Calibrated Decoders", 2021), so that no reconstruction weight is tuned by hand.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from models.parts.layers import ConvDecoder, ConvEncoder
from models.parts.losses import gaussian_kl

if TYPE_CHECKING:
    from collections.abc import Sequence

LATENT = 128
WIDTHS = (64, 128, 256)


def reparameterize(mu: Tensor, logvar: Tensor, epsilon: Tensor) -> Tensor:
    """z = mu + sigma · epsilon: a sample of q(z|x) that gradients can pass through."""
    return mu + (0.5 * logvar).exp() * epsilon


def interpolate(a: Tensor, b: Tensor, points: int) -> Tensor:
    """Latents on the straight line between two, each [d], both ends included: [points, d]."""
    weights = torch.linspace(0, 1, points, device=a.device)[:, None]
    return torch.lerp(a[None], b[None], weights)


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(q(z|x) ‖ N(0, I)) in nats, [n, d] → [n]."""
    return gaussian_kl(mu, logvar).sum(dim=1)


def elbo(images: Tensor, rebuilt: Tensor, variance: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """Evidence lower bound, log N(x; rebuilt, variance · I) - KL(q(z|x) ‖ N(0, I)), in nats, [n].

    Kingma & Welling (2013), equation 3, its expectation estimated by one sample of z.

    Args:
        images: [n, C, H, W].
        rebuilt: decoded from that sample, of the same shape.
        variance: of the decoder's noise, one number.
        mu, logvar: of q(z|x), [n, d].
    """
    squares = (images - rebuilt).square().flatten(1).sum(1) / variance
    constant = images[0].numel() * torch.log(2 * math.pi * variance)
    return -0.5 * (squares + constant) - kl_divergence(mu, logvar)


def sigma_vae_loss(
    images: Tensor, rebuilt: Tensor, mu: Tensor, logvar: Tensor, kl_weight: float = 1.0
) -> Tensor:
    """Negative bound in nats a pixel value, up to a constant: ½ log MSE + KL / D.

    The mean squared error of the batch is the variance that makes :func:`elbo` largest; set in, it
    leaves its logarithm (Rybkin et al., 2021, equation 5).

    Args:
        images, rebuilt, mu, logvar: see :func:`elbo`.
        kl_weight: 1 for the bound itself, another for a beta-VAE.
    """
    error = (rebuilt - images).square().mean()
    kl = kl_divergence(mu, logvar).mean()
    return 0.5 * error.log() + kl_weight * kl / images[0].numel()


class VAE(nn.Module):
    """Convolutional VAE of 64×64 images with a latent vector of ``latent`` dimensions."""

    def __init__(self, latent: int = LATENT, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.latent = latent
        self.inner = (widths[-1], 4, 4)  # 64 = 4 (pixel-unshuffle) · 2² (strides) · 4
        self.encoder = ConvEncoder(4, widths, widths[-1])
        self.to_latent = nn.Linear(widths[-1] * 16, 2 * latent)
        self.from_latent = nn.Linear(latent, widths[-1] * 16)
        self.decoder = ConvDecoder(4, widths, widths[-1])

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """[n, 3, 64, 64] in [-1, 1] → ``mu`` and ``logvar``, each [n, latent]."""
        mu, logvar = self.to_latent(self.encoder(images).flatten(1)).chunk(2, dim=1)
        return mu, logvar.clamp(-12, 4)

    def decode(self, z: Tensor) -> Tensor:
        """[n, latent] → the mean image of p(x|z), [n, 3, 64, 64]."""
        out: Tensor = self.decoder(self.from_latent(z).unflatten(1, self.inner))
        return out
