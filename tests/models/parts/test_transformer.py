"""Attention, its cache, and the transformer around them."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
import torch
import torch.nn.functional as F

from models.parts.transformer import Attention, Past, Transformer, TransformerBlock
from tests.models.tiny import randomized


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


def test_training_in_bfloat16_computes_the_same() -> None:
    block = randomized(TransformerBlock(16, 2)).bfloat16()
    x = torch.randn(2, 5, 16).bfloat16()
    mask = torch.tensor([True, True, True, True, False])[None, None, None]
    for options in ({}, {"causal": True}, {"mask": mask}):
        inferred, trained = block.eval()(x, **options), block.train()(x, **options)
        assert torch.allclose(trained, inferred, atol=0.03)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_gradients_take_another_way_only_in_training_in_bfloat16(
    monkeypatch: pytest.MonkeyPatch, training: bool, dtype: torch.dtype
) -> None:
    fused = Mock(wraps=F.scaled_dot_product_attention)
    monkeypatch.setattr(F, "scaled_dot_product_attention", fused)
    attention = randomized(Attention(8, 2)).to(dtype).train(training)
    for enabled in (True, False):
        with torch.set_grad_enabled(enabled):
            attention(torch.randn(1, 3, 8, dtype=dtype))
    assert fused.call_count == (0 if training and dtype is torch.bfloat16 else 2)


@pytest.mark.parametrize("parts", [(1, 1, 1, 1, 1), (5,), (3, 1, 1), (1, 2, 2)])
def test_reading_on_is_causal_attention(parts: tuple[int, ...]) -> None:
    blocks = randomized(Transformer(16, 2, layers=2))
    x = torch.randn(3, 5, 16)
    past = blocks.past(x, rows=3, length=5)
    read = [blocks.read_on(part, [past]) for part in x.split(parts, dim=1)]
    assert past.read == 5
    assert torch.allclose(torch.cat(read, dim=1), blocks(x, causal=True), atol=1e-5)


def test_groups_that_read_on_have_pasts_of_their_own() -> None:
    blocks = randomized(Transformer(16, 2, layers=2))
    early, late = torch.randn(2, 4, 16), torch.randn(1, 3, 16)
    pasts = [blocks.past(early, rows, length=8) for rows in (2, 1)]
    blocks.read_on(early[:, :3], pasts[:1])
    blocks.read_on(late[:, :1], pasts[1:])
    both = blocks.read_on(torch.cat([early[:, 3:], late[:, 1:2]]), pasts)
    assert [past.read for past in pasts] == [4, 2]
    assert torch.allclose(both[:2], blocks(early, causal=True)[:, 3:], atol=1e-5)
    assert torch.allclose(both[2:], blocks(late, causal=True)[:, 1:2], atol=1e-5)


def test_what_was_read_is_kept_in_place() -> None:
    past = Past(torch.zeros(2, 2, 3, 1, 4, 5))
    for layer in (0, 1):
        keys, values = past.write(layer, *torch.full((2, 3, 1, 2, 5), layer + 1.0))
        assert keys.shape == values.shape == (3, 1, 2, 5)
    past.read += 2
    keys, values = past.write(1, *torch.full((2, 3, 1, 1, 5), 7.0))
    assert keys[0, 0, :, 0].tolist() == values[0, 0, :, 0].tolist() == [2, 2, 7]
    assert keys.data_ptr() == past.write(1, *torch.full((2, 3, 1, 1, 5), 8.0))[0].data_ptr()


def test_pasts_are_repeated_row_by_row_with_room_for_more() -> None:
    blocks = randomized(Transformer(16, 2, layers=2))
    x = torch.randn(2, 5, 16)
    pasts = [blocks.past(x, rows=1, length=3) for _ in range(2)]
    for past, row in zip(pasts, x.split(1), strict=True):
        blocks.read_on(row[:, :3], [past])
    many = Past.repeated(pasts, 2, length=5)
    assert (many.rows, many.read) == (4, 3)
    wanted = blocks(x, causal=True)[:, 3:].repeat_interleave(2, 0)
    assert torch.allclose(
        blocks.read_on(x[:, 3:].repeat_interleave(2, 0), [many]), wanted, atol=1e-5
    )
    assert [past.read for past in pasts] == [3, 3]


def test_groups_attend_to_pasts_of_their_own_length() -> None:
    attention = randomized(Attention(8, 2))
    x = torch.randn(5, 1, 8)
    contexts = torch.randn(2, 4, 8), torch.randn(3, 7, 8)
    together = attention.attend(x, [attention.keys_values(c) for c in contexts])
    for part, rows, context in zip(together.split([2, 3]), x.split([2, 3]), contexts, strict=True):
        assert torch.allclose(part, attention(rows, context), atol=1e-6)


def test_a_higher_temperature_spreads_attention() -> None:
    attention = randomized(Attention(8, 2))
    x, context = torch.randn(2, 1, 8), torch.randn(1, 7, 8)
    past = attention.keys_values(context)
    scores = attention._split(attention.q(x)) @ past[0].mT / 2
    expected = [(scores[i] / t).softmax(-1) @ past[1][0] for i, t in ((0, 1.0), (1, 3.0))]
    mixed = attention.out(torch.stack(expected).transpose(1, 2).flatten(-2))
    assert torch.allclose(attention.attend(x, [past, past], (1.0, 3.0)), mixed, atol=1e-5)
