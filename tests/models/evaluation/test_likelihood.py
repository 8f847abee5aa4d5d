"""Bounds and exact likelihoods against cases with a known answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import pytest
import torch
from torch import Tensor, nn

from models.data.gallery import gallery
from models.data.pixels import LEVEL
from models.evaluation.likelihood import (
    diffusion_bits,
    token_bits,
    vae_bits,
)
from models.families.autoregressive import TokenGPT
from models.families.diffusion import CosineSchedule, discretized_nats
from models.families.vae import VAE
from models.parts.clip import CLIP
from models.parts.tokenizer import CODES, ImageTokenizer
from models.procedures.diffusion import DiffusionSampler
from tests.models.tiny import Constant, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.parts.denoiser import Denoiser


def bits_of_constant(
    predicted: Tensor, images: Tensor, draws: int = 4, ends: Sequence[int] = (1,)
) -> Tensor:
    sampler = DiffusionSampler(cast("Denoiser", Constant(predicted)), CLIP().encode_text)
    return diffusion_bits(sampler, images, images, ends, draws)


def test_a_denoiser_that_knows_the_image_pays_only_for_the_decoder_s_narrowest_width() -> None:
    images = torch.full((4, 3, 8, 8), 0.25)
    own_level = math.erf(2 / math.sqrt(2))
    bits = bits_of_constant(images, images)
    assert bits.tolist() == pytest.approx([-math.log2(own_level)] * 4, rel=1e-3)


@pytest.mark.parametrize("end", [1, 300])
def test_a_blind_denoiser_pays_the_telescoped_sum(end: int) -> None:
    """Σ ½ (SNR(s) - SNR(t)) ‖x0‖² = ½ (SNR(end) - SNR(T)) ‖x0‖², whichever steps are drawn.

    The decoder, which sees nothing either, is as wide as the images are far from gray.
    """
    images = torch.full((2, 3, 8, 8), 0.25)
    share = CosineSchedule().alpha_bar(torch.tensor([end / 1000, 1.0])).double()
    snr = share / (1 - share)
    middle = 0.5 * (snr[0] - snr[1]) * 0.25**2
    decoder = discretized_nats(images, torch.zeros_like(images), torch.tensor(0.25))[0]
    decoder = decoder / images[0].numel()
    bits = bits_of_constant(torch.zeros_like(images), images, draws=999, ends=(end,))
    assert bits.mean().item() == pytest.approx(float(middle + decoder) / math.log(2), rel=0.02)


def test_the_decoder_takes_over_where_the_bound_is_lowest() -> None:
    """One that sees nothing had better do so at once, however the steps are ordered."""
    images = torch.full((2, 3, 8, 8), 0.25)
    gray = torch.zeros_like(images)
    late = bits_of_constant(gray, images, ends=(900,))
    assert torch.equal(bits_of_constant(gray, images, ends=(1, 900, 300)), late)
    assert late.mean() < bits_of_constant(gray, images, ends=(300,)).mean()


class Blind(VAE):
    """Every image has the prior for its posterior, and decodes to grey."""

    def encode(self, images: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
        return torch.zeros(len(images), 4), torch.zeros(len(images), 4)

    def decode(self, z: Tensor, beta: Tensor) -> Tensor:
        return torch.zeros(len(z), 3, 16, 16)


def test_a_blind_vae_pays_the_entropy_of_a_gaussian() -> None:
    images = 0.3 * torch.randn(100, 3, 16, 16)
    entropy = 0.5 * math.log2(2 * math.pi * math.e * 0.3**2) - math.log2(LEVEL)
    bits = vae_bits(Blind(), images, images)
    assert bits.shape == (100,)
    assert bits.mean().item() == pytest.approx(entropy, abs=0.01)


def test_an_undecided_transformer_pays_the_uniform_price() -> None:
    gpt = TokenGPT(dim=12, layers=1, heads=2)
    nn.init.zeros_(gpt.head.weight)
    nn.init.zeros_(gpt.head.bias)
    captions = read(["a red afro", "a blue beanie"])["tokens"]
    bits = token_bits(gpt, ImageTokenizer((8, 16)), gallery(64).images[:2], captions)
    assert bits.tolist() == pytest.approx([math.log2(CODES)] * 2)
