"""The shared layers."""

from __future__ import annotations

import pytest
import torch

from models.parts.layers import (
    Attention,
    ConvDecoder,
    ConvEncoder,
    Past,
    ResBlock,
    TransformerBlock,
    timestep_embedding,
)
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


@pytest.mark.parametrize("context_width", [0, 6])
def test_attention_is_a_weighted_mean_of_values(context_width: int) -> None:
    attention = randomized(Attention(8, 2, context=context_width))
    x = torch.randn(2, 5, 8)
    context = torch.randn(2, 7, context_width) if context_width else x
    weights = attention.weights(x, context)
    assert weights.shape == (2, 2, 5, context.shape[1])
    assert torch.allclose(weights.sum(-1), torch.ones(2, 2, 5))
    _, values = attention.keys_values(context)
    mixed = attention.out((weights @ values).transpose(1, 2).flatten(2))
    assert torch.allclose(attention(x, context), mixed, atol=1e-5)


def test_masked_keys_are_not_seen() -> None:
    attention = randomized(Attention(8, 2))
    x = torch.randn(1, 5, 8)
    mask = torch.tensor([True, True, True, False, False])
    changed = x.clone()
    changed[:, 3:] += 1
    before = attention(x, x, mask[None, None, None])
    after = attention(x, changed, mask[None, None, None])
    assert torch.allclose(before, after)
    assert not torch.allclose(attention(x, x), attention(x, changed))
    assert (attention.weights(x, x, mask)[..., 3:] == 0).all()


def test_a_causal_block_does_not_look_ahead() -> None:
    block = randomized(TransformerBlock(8, 2))
    x = torch.randn(1, 6, 8)
    changed = x.clone()
    changed[:, 4] = torch.randn(8)
    assert torch.allclose(block(x, causal=True)[:, :4], block(changed, causal=True)[:, :4])
    assert not torch.allclose(block(x)[:, :4], block(changed)[:, :4])


def test_reading_on_position_by_position_is_causal_attention() -> None:
    block = randomized(TransformerBlock(16, 2))
    x = torch.randn(3, 5, 16)
    with torch.inference_mode():
        whole = block(x, causal=True)
        past = block.past(x, rows=3, length=5)
        parts = [block.read_on(x[:, i : i + 1], [past]) for i in range(5)]
    assert past.read == 5
    assert torch.allclose(torch.cat(parts, dim=1), whole, atol=1e-5)


def test_groups_that_read_on_have_pasts_of_their_own() -> None:
    block = randomized(TransformerBlock(16, 2))
    early, late = torch.randn(2, 3, 16), torch.randn(1, 2, 16)
    with torch.inference_mode():
        alone = block(torch.cat([early, early.flip(1)], dim=1)[:, :4], causal=True)[:, 3:]
        pasts = [block.past(early, rows, length=8) for rows in (2, 1)]
        for i in range(3):
            block.read_on(early[:, i : i + 1], pasts[:1])
        block.read_on(late[:, :1], pasts[1:])
        both = block.read_on(torch.cat([early.flip(1)[:, :1], late[:, 1:]]), pasts)
    assert [past.read for past in pasts] == [4, 2]
    assert torch.allclose(both[:2], alone, atol=1e-5)
    assert torch.allclose(both[2:], block(late, causal=True)[:, 1:], atol=1e-5)


def test_what_was_read_is_kept_in_place() -> None:
    past = Past(torch.zeros(()), rows=2, heads=1, length=3, width=4)
    seen = [past.append(torch.full((2, 1, 1, 4), i), torch.full((2, 1, 1, 4), -i)) for i in (1, 2)]
    assert [keys.shape for keys, _ in seen] == [(2, 1, 1, 4), (2, 1, 2, 4)]
    assert seen[0][0].data_ptr() == seen[1][0].data_ptr()
    assert seen[1][1][0, 0, :, 0].tolist() == [-1, -2]


def test_groups_attend_to_pasts_of_their_own_length() -> None:
    attention = randomized(Attention(8, 2))
    x = torch.randn(5, 1, 8)
    contexts = torch.randn(2, 4, 8), torch.randn(3, 7, 8)
    together = attention.attend_each(x, [attention.keys_values(c) for c in contexts])
    for part, rows, context in zip(together.split([2, 3]), x.split([2, 3]), contexts, strict=True):
        assert torch.allclose(part, attention(rows, context), atol=1e-6)
