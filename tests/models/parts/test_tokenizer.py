"""Finite scalar quantization and the image tokenizer."""

from __future__ import annotations

import pytest
import torch

from models.parts.tokenizer import CODES, FSQ, LEVELS, TOKENS, ImageTokenizer, tokenizer_loss
from tests.models.tiny import pictures, randomized


def test_every_code_has_one_index_and_back() -> None:
    fsq = FSQ()
    indices = torch.arange(1000).view(10, 100)
    codes = fsq.codes(indices)
    assert codes.shape == (10, 4, 10, 10)
    assert torch.equal(fsq.indices(codes), indices)
    assert CODES == 1000
    assert len(codes.permute(0, 2, 3, 1).reshape(-1, 4).unique(dim=0)) == CODES


def test_codes_are_the_levels_between_minus_one_and_one() -> None:
    codes = FSQ()(torch.randn(64, 4, 8, 8) * 3)
    for channel, levels in enumerate(LEVELS):
        values = codes[:, channel].unique()
        assert torch.allclose(values, torch.linspace(-1, 1, levels), atol=1e-6)


def test_quantizing_takes_the_nearest_code() -> None:
    z = torch.randn(8, 4, 4, 4)
    bounded = torch.sigmoid(z) * 2 - 1
    spacing = torch.tensor([2 / (levels - 1) for levels in LEVELS])[:, None, None]
    assert ((FSQ()(z) - bounded).abs() <= spacing / 2 + 1e-6).all()


def test_gradients_pass_straight_through_the_rounding() -> None:
    z = torch.randn(2, 4, 4, 4, requires_grad=True)
    FSQ()(z).sum().backward()
    slope = 2 * torch.sigmoid(z) * (1 - torch.sigmoid(z))
    assert z.grad is not None
    assert torch.allclose(z.grad, slope, atol=1e-6)


@pytest.fixture(scope="module")
def tokenizer() -> ImageTokenizer:
    return randomized(ImageTokenizer(widths=(8, 16)))


def test_an_image_is_64_tokens(tokenizer: ImageTokenizer) -> None:
    tokens = tokenizer.encode(pictures(3))
    assert tokens.shape == (3, TOKENS)
    assert tokens.dtype == torch.int64
    assert tokens.min() >= 0
    assert tokens.max() < CODES
    assert len(tokens.unique()) > 3


def test_decoding_tokens_is_the_model_s_reconstruction(tokenizer: ImageTokenizer) -> None:
    images = pictures(3)
    decoded = tokenizer.decode(tokenizer.encode(images))
    assert decoded.shape == images.shape
    assert torch.allclose(decoded, tokenizer(images).clamp(-1, 1), atol=1e-4)


def test_the_loss_is_twice_the_squared_error_and_the_pyramid_s() -> None:
    images = pictures(2) / 2
    assert tokenizer_loss(images, images) == 0
    # A constant difference is all of the squared error, and the last level of the pyramid.
    assert tokenizer_loss(images, images + 0.25).item() == pytest.approx(2 / 16 + 0.25, abs=1e-5)
