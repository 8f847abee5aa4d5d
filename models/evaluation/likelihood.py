"""Bits per dimension of test faces, exact or bounded, where a family has a likelihood at all.

Every figure is of 8-bit pixels: densities are over pixels in [-1, 1] with uniform dequantization,
or discrete from the start. Bounds are from above, so a lower figure is better and the true one is
lower still. GANs have no likelihood; latent diffusion has one of latents only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.data.pixels import LEVEL, dequantize
from models.families.autoregressive import TokenGPT, token_nats
from models.families.diffusion import T, discretized_nats, prior_nats, step_nats
from models.families.flow import bits_per_dim
from models.families.vae import VAE, elbo, reparameterize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.parts.tokenizer import ImageTokenizer
    from models.procedures.diffusion import DiffusionSampler
    from models.runtime.architecture import AnySampler

BATCH = 50
ENDS = (1, 10, 40, 80, 120, 160, 240)
"""Steps of diffusion's thousand at which its bound may hand over to a decoder."""


def flow_bits(encoder: AnySampler, images: Tensor) -> Tensor:
    """Exact bits per dimension of dequantized images, [n]."""
    views = [
        encoder.run(encoder.request(n=len(part), seed=i, images=part))
        for i, part in enumerate(images.split(BATCH))
    ]
    return torch.cat([view.extras["bits_per_dim"] for view in views])


@torch.inference_mode()
def vae_bits(vae: VAE, images: Tensor, calibration: Tensor, seed: int = 0) -> Tensor:
    """Bits per dimension by the evidence lower bound with one sample of z, [n].

    Args:
        vae: with a Gaussian decoder of one variance for all pixels.
        images: what is measured, [n, 3, 64, 64].
        calibration: training images on which that variance is fitted (sigma-VAE).
        seed: of z and the dequantization.
    """
    generator = torch.Generator().manual_seed(seed)

    def rebuild(part: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        beta = torch.ones(len(part))  # that of the bound itself
        mu, logvar = vae.encode(part, beta)
        z = reparameterize(mu, logvar, torch.randn(mu.shape, generator=generator))
        return vae.decode(z, beta), mu, logvar

    errors = [rebuild(part)[0] - part for part in calibration.split(BATCH)]
    variance = torch.cat(errors).square().mean()
    pixels = dequantize(images, torch.rand(images.shape, generator=generator))
    bounds = []
    for part in pixels.split(BATCH):
        rebuilt, mu, logvar = rebuild(part)
        bounds.append(elbo(part, rebuilt, variance, mu, logvar))
    return bits_per_dim(torch.cat(bounds), images[0].numel())


@torch.inference_mode()
def diffusion_bits(
    sampler: DiffusionSampler,
    images: Tensor,
    calibration: Tensor,
    ends: Sequence[int] = ENDS,
    draws: int = 8,
    seed: int = 0,
) -> Tensor:
    """Bits per dimension by the variational bound over T = 1000 steps, without a prompt, [n].

    As DDPM (Ho et al., 2020, section 3): L_T in closed form, the middle terms
    ½ (SNR(s) - SNR(t)) ‖x0 - x̂0‖² estimated at stratified steps, and a discretized Gaussian
    decoder. The chain need not go down to step 1: from any step on, the decoder may take over.

    Args:
        sampler: whose network is measured.
        images: what is measured, [n, 3, H, W].
        calibration: training images, on which the decoder's step and deviation are fitted.
        ends: steps at which the decoder may take over, 1 … T - 1.
        draws: steps an image of which middle terms are taken.
        seed: of noise and steps.
    """
    ladders = [_Ladder(sampler, end, draws, seed) for end in ends]
    fitted = [(ladder, ladder.deviation(calibration)) for ladder in ladders]
    best, deviation = min(fitted, key=lambda pair: float(pair[0].nats(calibration, pair[1]).mean()))
    return best.nats(images, deviation) / (images[0].numel() * math.log(2))


class _Ladder:
    """The bound with a decoder at step ``end``, as a pure function of images."""

    def __init__(self, sampler: DiffusionSampler, end: int, draws: int, seed: int) -> None:
        self.sampler, self.end, self.draws, self.seed = sampler, end, draws, seed

    def deviation(self, images: Tensor) -> Tensor:
        """Root mean square error of what the network makes of step ``end``."""
        generator = torch.Generator().manual_seed(self.seed)
        errors = [x0 - self._decoded(x0, generator) for x0 in images.split(BATCH)]
        return torch.cat(errors).square().mean().sqrt().clamp(min=LEVEL / 4)

    def nats(self, images: Tensor, deviation: Tensor) -> Tensor:
        """The bound in nats an image, [n]."""
        generator = torch.Generator().manual_seed(self.seed)
        parts = [
            prior_nats(self.sampler.schedule, x0)
            + self._middle(x0, generator)
            + discretized_nats(x0, self._decoded(x0, generator), deviation)
            for x0 in images.split(BATCH)
        ]
        return torch.cat(parts).float()

    def _middle(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        total = torch.zeros(len(x0), dtype=torch.float64)
        terms = T - self.end
        for i in range(self.draws):
            place = (torch.rand(len(x0), generator=generator) + i) / self.draws
            step = self.end + 1 + (place * terms).floor().clamp(max=terms - 1)
            predicted = self._predict(x0, step, generator)
            nats = step_nats(self.sampler.schedule, x0, predicted, step / T, (step - 1) / T)
            total += nats * terms / self.draws
        return total

    def _decoded(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        return self._predict(x0, torch.full((len(x0),), float(self.end)), generator)

    def _predict(self, x0: Tensor, step: Tensor, generator: torch.Generator) -> Tensor:
        sampler, t = self.sampler, step / T
        x = sampler.schedule.add_noise(x0, torch.randn(x0.shape, generator=generator), t)
        output = sampler.net.denoise(x, t, sampler.read("").repeat(len(x0)))
        return sampler.clip_x0(sampler.clean(x, output, t))


@torch.inference_mode()
def token_bits(
    gpt: TokenGPT, tokenizer: ImageTokenizer, images: Tensor, captions: Tensor
) -> Tensor:
    """Exact bits per image token given the caption, [n].

    Captions are what CLIP says of their words, [n, MAX_TOKENS, TOKEN_WIDTH].

    Of the tokens, not of the pixels: what the tokenizer loses is not counted, so the figure may
    not be set beside bits per dimension.
    """
    bits = []
    for part, said in zip(images.split(BATCH), captions.split(BATCH), strict=True):
        tokens = tokenizer.encode(part)
        bits.append(token_nats(gpt(said, tokens[:, :-1]), tokens).mean(1) / math.log(2))
    return torch.cat(bits)
