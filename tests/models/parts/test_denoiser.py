"""The denoising network."""

from __future__ import annotations

import pytest
import torch

from models.data.captions.tokenizer import MAX_TOKENS
from models.parts.clip import TOKEN_WIDTH, WIDTH
from models.parts.conditions import Conditions
from models.parts.denoiser import Denoiser, TokenRefiner
from tests.models.tiny import randomized


@pytest.fixture(scope="module")
def net() -> Denoiser:
    return randomized(Denoiser(width=8, dim=16, layers=2))


def text(n: int, words: int = 5) -> Conditions:
    mask = torch.arange(MAX_TOKENS).expand(n, -1) < words
    tokens = torch.randn(n, MAX_TOKENS, TOKEN_WIDTH)
    return Conditions(tokens=tokens, pooled=torch.randn(n, WIDTH), mask=mask)


def test_the_widths_of_a_prompt_are_the_network_s_own() -> None:
    net = randomized(Denoiser(width=8, dim=16, layers=1, token_width=6, text_width=4))
    mask = torch.ones(2, 3, dtype=torch.bool)
    given = Conditions(tokens=torch.randn(2, 3, 6), pooled=torch.randn(2, 4), mask=mask)
    assert net.embed_conditions(given)["tokens"].shape == (2, 3, 4)
    x = torch.randn(2, 3, 64, 64)
    assert net(x, torch.rand(2), given).shape == x.shape


def test_the_reader_keeps_sentence_and_mask() -> None:
    features = text(2)
    read = randomized(TokenRefiner(TOKEN_WIDTH, WIDTH))(features)
    assert read["tokens"].shape == (2, MAX_TOKENS, WIDTH)
    assert read["pooled"] is features["pooled"]
    assert read["mask"] is features["mask"]


def test_the_reader_lets_words_look_at_each_other_but_not_at_padding() -> None:
    reader, features = randomized(TokenRefiner(TOKEN_WIDTH, WIDTH)), text(1)
    before = reader(features)["tokens"][:, :5]
    padding, word = features["tokens"].clone(), features["tokens"].clone()
    padding[:, 5:] = torch.randn(MAX_TOKENS - 5, TOKEN_WIDTH)
    word[:, 2] = torch.randn(TOKEN_WIDTH)
    same, moved = (
        reader(features.having(tokens=tokens))["tokens"][:, :5] for tokens in (padding, word)
    )
    assert torch.allclose(before, same, atol=1e-6)
    assert (before - moved).abs().amax((0, 2)).min() > 1e-3


def test_the_reader_uses_both_halves_of_a_token() -> None:
    reader, features = randomized(TokenRefiner(TOKEN_WIDTH, WIDTH)), text(1)
    for half in (slice(0, WIDTH), slice(WIDTH, TOKEN_WIDTH)):
        tokens = features["tokens"].clone()
        tokens[..., half] = 0
        other = reader(features.having(tokens=tokens))
        assert (reader(features)["tokens"] - other["tokens"]).abs().max() > 1e-2


@pytest.mark.parametrize(
    ("channels", "patch", "side"), [(3, 4, 64), (4, 1, 16)], ids=["pixels", "latent"]
)
def test_an_untrained_network_predicts_zero(channels: int, patch: int, side: int) -> None:
    net = Denoiser(channels, patch, width=8, dim=16, layers=1)
    x = torch.randn(2, channels, side, side)
    assert torch.equal(net(x, torch.rand(2), text(2)), torch.zeros_like(x))


def test_denoising_is_the_network_without_the_reading(net: Denoiser) -> None:
    x, t, features = torch.randn(2, 3, 64, 64), torch.rand(2), text(2)
    assert torch.equal(net(x, t, features), net.denoise(x, t, net.embed_conditions(features)))


def test_rows_are_independent(net: Denoiser) -> None:
    x, t, features = torch.randn(3, 3, 64, 64), torch.tensor([0.1, 0.5, 0.9]), text(3)
    together = net(x, t, features)
    row = features.rows(slice(1, 2))
    assert torch.allclose(together[1:2], net(x[1:2], t[1:2], row), atol=1e-5)


@pytest.mark.parametrize("what", ["time", "words", "sentence"])
def test_time_and_prompt_matter(net: Denoiser, what: str) -> None:
    x, t, features = torch.randn(1, 3, 64, 64), torch.tensor([0.4]), text(1)
    tokens = torch.randn_like(features["tokens"]) if what == "words" else features["tokens"]
    pooled = torch.randn_like(features["pooled"]) if what == "sentence" else features["pooled"]
    other = net(x, t + 0.3 * (what == "time"), features.having(tokens=tokens, pooled=pooled))
    assert (net(x, t, features) - other).abs().max() > 1e-4


def test_padding_words_are_not_read(net: Denoiser) -> None:
    x, t, features = torch.randn(1, 3, 64, 64), torch.tensor([0.4]), text(1)
    tokens = features["tokens"].clone()
    tokens[:, 5:] = torch.randn(MAX_TOKENS - 5, TOKEN_WIDTH)
    other = features.having(tokens=tokens)
    assert torch.allclose(net(x, t, features), net(x, t, other), atol=1e-6)


def test_cross_attention_maps_share_each_position_among_the_words(net: Denoiser) -> None:
    maps: list[torch.Tensor] = []
    x, t, features = torch.randn(2, 3, 64, 64), torch.rand(2), text(2)
    with_maps = net(x, t, features, attention=maps)
    assert torch.equal(with_maps, net(x, t, features))
    assert [m.shape for m in maps] == [(2, MAX_TOKENS, 8, 8)] * 2
    for attention in maps:
        assert torch.allclose(attention.sum(1), torch.ones(2, 8, 8), atol=1e-5)
        assert (attention[:, 5:] == 0).all()


def test_a_larger_grid_takes_a_larger_image() -> None:
    net = randomized(Denoiser(patch=4, width=8, dim=16, layers=1, grid=16))
    x = torch.randn(1, 3, 128, 128)
    assert net(x, torch.rand(1), text(1)).shape == x.shape
