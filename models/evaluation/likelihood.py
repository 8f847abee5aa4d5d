"""Bits per dimension of test faces, exact or bounded, where a family has a likelihood at all.

Every figure is of 8-bit pixels: densities are over pixels in [-1, 1] with uniform dequantization,
or discrete from the start. Bounds are from above, so a lower figure is better and the true one is
lower still. GANs have no likelihood; latent diffusion has one of latents only.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.autoregressive import TokenGPT
from models.diffusion import DiffusionSampler, T
from models.flow import FlowEncoder, bits_per_dim
from models.sampler import Request
from models.tokenizer import ImageTokenizer
from models.vae import VAE, kl_divergence, reparameterize

BATCH = 50
LEVEL = 1 / 127.5
"""Width of one 8-bit level of pixels in [-1, 1]."""


def flow_bits(encoder: FlowEncoder, images: Tensor) -> Tensor:
    """Exact bits per dimension of dequantized images, [n]."""
    views = [
        encoder.run(Request(n=len(part), seed=i, images=part))
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
    variance = _rebuilt(vae, calibration, generator)[0].square().mean()
    grain = (torch.rand(images.shape, generator=generator) - 0.5) * LEVEL
    error, kl = _rebuilt(vae, images + grain, generator)
    square = error.square().flatten(1).sum(1) / variance
    values = images[0].numel()
    log_likelihood = -0.5 * (square + values * torch.log(2 * math.pi * variance))
    return bits_per_dim(log_likelihood - kl, values)


def _rebuilt(vae: VAE, images: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    errors, kls = [], []
    for part in images.split(BATCH):
        mu, logvar = vae.encode(part)
        z = reparameterize(mu, logvar, torch.randn(mu.shape, generator=generator))
        errors.append(vae.decode(z) - part)
        kls.append(kl_divergence(mu, logvar))
    return torch.cat(errors), torch.cat(kls)


@torch.inference_mode()
def diffusion_bits(
    sampler: DiffusionSampler, images: Tensor, draws: int = 8, seed: int = 0
) -> Tensor:
    """Bits per dimension by the variational bound over T = 1000 steps, without a prompt, [n].

    As DDPM (Ho et al., 2020, section 3): L_T in closed form, the middle terms
    ½ (SNR(s) - SNR(t)) ‖x0 - x̂0‖² estimated at ``draws`` stratified steps an image, and L_0 with
    the discretized Gaussian decoder.
    """
    generator = torch.Generator().manual_seed(seed)
    parts = [_bound(sampler, part, draws, generator) for part in images.split(BATCH)]
    return torch.cat(parts) / (images[0].numel() * math.log(2))


def _bound(sampler: DiffusionSampler, x0: Tensor, draws: int, generator: torch.Generator) -> Tensor:
    """Nats an image, [n]."""
    n, schedule = len(x0), sampler.schedule
    text = sampler.empty_text(n)

    def predict(step: Tensor) -> Tensor:
        t = step / T
        x = schedule.add_noise(x0, torch.randn(x0.shape, generator=generator), t)
        return sampler.clip_x0(sampler.clean(x, sampler.net.denoise(x, t, text), t))

    def snr(step: Tensor) -> Tensor:
        share = schedule.alpha_bar(step / T).double()
        return share / (1 - share)

    end = schedule.alpha_bar(torch.ones(1))
    prior = 0.5 * (end * x0.square() + (1 - end) - 1 - torch.log1p(-end)).flatten(1).sum(1)
    middle = torch.zeros(n, dtype=torch.float64)
    for i in range(draws):
        place = (torch.rand(n, generator=generator) + i) / draws
        step = 2 + (place * (T - 1)).floor().clamp(max=T - 2)
        error = (x0 - predict(step)).square().flatten(1).sum(1).double()
        middle += 0.5 * (snr(step - 1) - snr(step)) * error * (T - 1) / draws
    first = torch.ones(n)
    _, sigma = schedule.alpha_sigma(first / T)
    return (prior + middle + _discretized_nats(x0, predict(first), sigma)).float()


def _discretized_nats(x0: Tensor, mean: Tensor, sigma: Tensor) -> Tensor:
    """-log of a Gaussian's mass on each pixel's own level, summed over the image, [n]."""
    upper = torch.special.ndtr(((x0 - mean + LEVEL / 2) / sigma).double())
    lower = torch.special.ndtr(((x0 - mean - LEVEL / 2) / sigma).double())
    upper = torch.where(x0 > 1 - LEVEL / 2, 1.0, upper)
    lower = torch.where(x0 < -1 + LEVEL / 2, 0.0, lower)
    return -(upper - lower).clamp(min=1e-12).log().flatten(1).sum(1)


@torch.inference_mode()
def token_bits(
    gpt: TokenGPT, tokenizer: ImageTokenizer, images: Tensor, captions: Tensor
) -> Tensor:
    """Exact bits per image token given the caption, [n].

    Of the tokens, not of the pixels: what the tokenizer loses is not counted, so the figure may
    not be set beside bits per dimension.
    """
    bits = []
    for part, ids in zip(images.split(BATCH), captions.split(BATCH), strict=True):
        tokens = tokenizer.encode(part)
        log_probs = gpt(ids, tokens[:, :-1]).log_softmax(-1)
        chosen = log_probs.gather(2, tokens[..., None])[..., 0]
        bits.append(-chosen.mean(1) / math.log(2))
    return torch.cat(bits)
