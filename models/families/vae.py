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
EMBEDDING = 6
BETAS = (0.01, 10_000.0)
"""The weights of the KL term that the network knows: from precise codes to none at all."""
SAMPLING = 100.0
"""The one at which samples of the prior were measured to be best. The learned prior keeps to it."""
SILENT = 0.05
"""Nats below which a dimension is said to have collapsed to the prior."""


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


def in_use(nats: Tensor) -> Tensor:
    """How many dimensions say something: those whose KL is more than :data:`SILENT`.

    Args:
        nats: of each dimension, its mean over images, [..., d].
    """
    return (nats > SILENT).sum(-1)


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
    images: Tensor, rebuilt: Tensor, mu: Tensor, logvar: Tensor, beta: Tensor | float = 1.0
) -> Tensor:
    """Negative bound in nats a pixel value, up to a constant: ½ log MSE + beta · KL / D, [n].

    The mean squared error of an image is the variance that makes its :func:`elbo` largest; set in,
    it leaves its logarithm (Rybkin et al., 2021, equation 5). A beta other than 1 weighs the code's
    cost (beta-VAE: Higgins et al., 2017).

    Args:
        images, rebuilt, mu, logvar: see :func:`elbo`.
        beta: of all images, or of each, [n].
    """
    error = (rebuilt - images).square().flatten(1).mean(1)
    return 0.5 * error.log() + beta * kl_divergence(mu, logvar) / images[0].numel()


class VAE(nn.Module):
    """Convolutional VAE of 64×64 images, one network for every weight beta of the KL term.

    Encoder and decoder are told beta and adapt to it by scaling and shifting what they compute, as
    in "Multi-Rate VAE: Train Once, Get the Full Rate-Distortion Curve" (Bae et al., 2023).

    Args:
        latent: dimensions of a code.
        widths: channels of each level, from fine to coarse.
        embedding: length of the vector that beta becomes.
    """

    def __init__(
        self, latent: int = LATENT, widths: Sequence[int] = WIDTHS, embedding: int = EMBEDDING
    ) -> None:
        super().__init__()
        self.latent = latent
        self.inner = (widths[-1], 4, 4)  # 64 = 4 (pixel-unshuffle) · 2² (strides) · 4
        self.embed = nn.Sequential(
            nn.Linear(1, 4 * embedding), nn.SiLU(), nn.Linear(4 * embedding, embedding), nn.SiLU()
        )
        self.encoder = ConvEncoder(4, widths, widths[-1], embedding=embedding)
        self.to_latent = nn.Linear(widths[-1] * 16, 2 * latent)
        self.modulate_moments = nn.Linear(embedding, 4 * latent)
        self.modulate_code = nn.Linear(embedding, latent)
        self.from_latent = nn.Linear(latent, widths[-1] * 16)
        self.decoder = ConvDecoder(4, widths, widths[-1], embedding=embedding)
        for gate in (self.modulate_moments, self.modulate_code):
            nn.init.zeros_(gate.weight)
            nn.init.zeros_(gate.bias)

    def told(self, beta: Tensor) -> Tensor:
        """The embedding of log beta, [n] → [n, embedding]."""
        low, high = map(math.log, BETAS)
        place = (2 * beta.log() - low - high) / (high - low)
        out: Tensor = self.embed(place[:, None])
        return out

    def encode(self, images: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
        """[n, 3, 64, 64] in [-1, 1], [n] → ``mu`` and ``logvar``, each [n, latent]."""
        told = self.told(beta)
        scale, shift = self.modulate_moments(told).chunk(2, dim=1)
        moments = self.to_latent(self.encoder(images, told).flatten(1))
        mu, logvar = (moments * (1 + scale) + shift).chunk(2, dim=1)
        return mu, logvar.clamp(-12, 4)

    def decode(self, z: Tensor, beta: Tensor) -> Tensor:
        """[n, latent], [n] → the mean image of p(x|z), [n, 3, 64, 64]."""
        told = self.told(beta)
        code = self.from_latent(z * (1 + self.modulate_code(told)))
        out: Tensor = self.decoder(code.unflatten(1, self.inner), told)
        return out

    def forward(
        self, images: Tensor, beta: Tensor, epsilon: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The whole way with noise epsilon [n, latent]: the images rebuilt, ``mu``, ``logvar``."""
        mu, logvar = self.encode(images, beta)
        return self.decode(reparameterize(mu, logvar, epsilon), beta), mu, logvar
