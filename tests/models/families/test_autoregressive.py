"""Causality, the key-value cache and sampling of the autoregressive transformer."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.families.autoregressive import LENGTH, TokenGPT, guide, token_nats, token_probabilities
from models.parts.tokenizer import CODES
from models.parts.transformer import Past, TransformerBlock
from tests.models.tiny import read

PROMPT = "a smiling person with a red afro"


def captions(*texts: str) -> Tensor:
    return read(texts)["tokens"]


def test_no_logit_depends_on_a_later_token(gpt: TokenGPT) -> None:
    tokens = torch.randint(CODES, (2, 20))
    changed = tokens.clone()
    changed[:, 12] = (changed[:, 12] + 1) % CODES
    caption = captions(PROMPT, "")
    before, after = gpt(caption, tokens), gpt(caption, changed)
    assert before.shape == (2, 21, CODES)
    assert torch.allclose(before[:, :13], after[:, :13], atol=1e-5)
    assert (before[:, 13:] - after[:, 13:]).abs().amax((0, 2)).min() > 1e-3


def test_every_logit_depends_on_the_caption(gpt: TokenGPT) -> None:
    tokens = torch.randint(CODES, (1, 20))
    difference = gpt(captions(PROMPT), tokens) - gpt(captions("blue bob"), tokens)
    assert difference.abs().amax((0, 2)).min() > 1e-3


def test_reading_on_equals_the_full_pass(gpt: TokenGPT) -> None:
    tokens = torch.randint(CODES, (2, 10))
    caption = captions(PROMPT, "blue bob")
    full = gpt(caption, tokens)
    logits, read = gpt.read_captions(caption)
    assert torch.allclose(logits, full[:, 0], atol=1e-4)
    past = Past.repeated([read], 1, LENGTH)
    assert torch.allclose(gpt.read_on(tokens[:, :4], [past]), full[:, 4], atol=1e-4)
    for i in range(4, 10):
        logits = gpt.read_on(tokens[:, i : i + 1], [past])
        assert torch.allclose(logits, full[:, i + 1], atol=1e-4)


def test_where_the_last_token_looks_is_its_row_of_the_full_attention(gpt: TokenGPT) -> None:
    tokens, caption = torch.randint(CODES, (2, 6)), captions(PROMPT, "blue bob")
    past = Past.repeated([gpt.read_captions(caption)[1]], 1, LENGTH)
    gpt.read_on(tokens, [past])
    x = torch.cat([gpt.words(caption), gpt.codes(tokens)], dim=1)
    x = x + gpt.position[: x.shape[1]]
    mask, expected = torch.ones(x.shape[1], x.shape[1]).tril().bool(), []
    for block in gpt.blocks:
        assert isinstance(block, TransformerBlock)
        normed = block.norm1(x)
        expected.append(block.attention.weights(normed, normed, mask)[:, :, -1])
        x = block(x, causal=True)
    looks = gpt.looks(tokens[:, -1:], past)
    assert torch.allclose(looks, torch.stack(expected).mean((0, 2)), atol=1e-5)
    assert torch.allclose(gpt.looks(tokens[:1, -1:], past.first()), looks[:1], atol=1e-5)


def test_requests_at_different_positions_share_a_step(gpt: TokenGPT) -> None:
    early, late = torch.randint(CODES, (1, 3)), torch.randint(CODES, (2, 9))
    texts = captions(PROMPT), captions("blue bob", "")
    pasts = [Past.repeated([gpt.read_captions(text)[1]], 1, LENGTH) for text in texts]
    for past, tokens in zip(pasts, (early, late), strict=True):
        gpt.read_on(tokens[:, :-1], [past])
    logits = gpt.read_on(torch.cat([early[:, -1:], late[:, -1:]]), pasts)
    assert torch.allclose(logits[:1], gpt(texts[0], early)[:, -1], atol=1e-4)
    assert torch.allclose(logits[1:], gpt(texts[1], late)[:, -1], atol=1e-4)


def test_guidance_moves_away_from_the_logits_without_the_caption() -> None:
    logits = torch.randn(4, 7)
    with_caption, without = logits.split(2)
    expected = without + 3 * (with_caption - without)
    assert torch.allclose(guide(logits, 3.0, 2), expected, atol=1e-5)
    assert torch.equal(guide(logits, 3.0, 4), logits)


def test_a_low_temperature_prefers_the_likeliest_token() -> None:
    logits = torch.tensor([[1.0, 3.0, 2.0]])
    assert torch.allclose(token_probabilities(logits, 0.5), (2 * logits).softmax(1))
    assert token_probabilities(logits, 0.0).tolist() == [[0, 1, 0]]


def test_the_loss_is_the_negative_log_probability_of_each_token() -> None:
    logits, tokens = torch.randn(2, 5, 7), torch.randint(7, (2, 5))
    nats = token_nats(logits, tokens)
    assert nats.shape == (2, 5)
    expected = -logits.softmax(-1)[1, 3, tokens[1, 3]].log()
    assert nats[1, 3].item() == pytest.approx(expected.item(), rel=1e-5)
    assert token_nats(torch.zeros(1, 3, 8), tokens[:1, :3]).tolist()[0] == pytest.approx(
        [torch.tensor(8.0).log().item()] * 3
    )
