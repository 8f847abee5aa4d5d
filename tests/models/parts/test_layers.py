"""The shared layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from models.parts.layers import ConvDecoder, ConvEncoder, Double, ResBlock, timestep_embedding
from tests.models.tiny import pictures, randomized


def test_timestep_embeddings_tell_times_apart() -> None:
    t = torch.linspace(0, 1, 1001)
    embedded = timestep_embedding(t, 32)
    assert embedded.shape == (1001, 32)
    assert embedded.abs().max() <= 1
    distances = torch.cdist(embedded, embedded) + 10 * torch.eye(1001)
    assert distances.min() > 0.1


def test_a_residual_block_starts_without_its_branch() -> None:
    x = torch.randn(2, 8, 4, 4)
    block = ResBlock(8)
    assert block.conv2.bias is not None
    assert torch.allclose(block(x), x + block.conv2.bias[:, None, None])


def test_the_embedding_modulates_a_residual_block() -> None:
    block = randomized(ResBlock(8, 16, embedding=4))
    x = torch.randn(2, 8, 4, 4)
    embedding = torch.randn(2, 4)
    assert block(x, embedding).shape == (2, 16, 4, 4)
    assert not torch.allclose(block(x, embedding), block(x, 2 * embedding))


def test_encoder_and_decoder_mirror_each_other() -> None:
    encoder = randomized(ConvEncoder(4, (8, 16), 5))
    decoder = randomized(ConvDecoder(4, (8, 16), 5))
    features = encoder(pictures(2))
    assert features.shape == (2, 5, 8, 8)
    assert decoder(features).shape == (2, 3, 64, 64)


def test_doubling_is_nearest_upsampling_and_its_gradient_counts_all_four() -> None:
    x = torch.randn(2, 3, 4, 5, requires_grad=True)
    large = Double()(x)
    assert torch.equal(large, F.interpolate(x, scale_factor=2, mode="nearest"))
    weights = torch.randn_like(large)
    (large * weights).sum().backward()
    assert x.grad is not None
    assert torch.allclose(x.grad, 4 * F.avg_pool2d(weights, 2), atol=1e-6)
