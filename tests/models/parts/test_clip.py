"""The contrastive loss and the two encoders."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from models.data.captions.tokenizer import MAX_TOKENS, tokenizer
from models.parts.clip import CLIP, TOKEN_WIDTH, WIDTH, contrastive_loss
from tests.models.tiny import pictures, randomized


@pytest.fixture(scope="module")
def clip() -> CLIP:
    return randomized(CLIP())


def only_own(n: int) -> torch.Tensor:
    return torch.eye(n, dtype=torch.bool)


def test_the_loss_is_symmetric_in_images_and_captions() -> None:
    logits = torch.randn(6, 6)
    also_true = only_own(6)
    also_true[1, 3] = True
    assert contrastive_loss(logits, also_true) == pytest.approx(
        contrastive_loss(logits.T, also_true.T).item()
    )


def test_the_loss_is_cross_entropy_both_ways() -> None:
    logits, target = torch.randn(6, 6), torch.arange(6)
    expected = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
    assert torch.allclose(contrastive_loss(logits, only_own(6)), expected)


def test_equal_logits_cost_log_n() -> None:
    assert contrastive_loss(torch.zeros(8, 8), only_own(8)).item() == pytest.approx(math.log(8))


def test_another_true_caption_is_no_negative() -> None:
    logits = torch.zeros(3, 3)
    logits[0, 1] = 50.0
    also_true = only_own(3)
    also_true[0, 1] = True
    assert contrastive_loss(logits, only_own(3)) > 10
    assert contrastive_loss(logits, also_true) < math.log(3)


def test_rivals_make_the_choice_of_a_caption_harder_not_that_of_an_image() -> None:
    logits, target = torch.randn(5, 9), torch.arange(5)
    also_true = torch.eye(5, 9, dtype=torch.bool)
    also_true[2, 7] = True
    images = logits.masked_fill(also_true & ~torch.eye(5, 9, dtype=torch.bool), -torch.inf)
    expected = F.cross_entropy(images, target) + F.cross_entropy(logits[:, :5].T, target)
    assert torch.allclose(contrastive_loss(logits, also_true), expected / 2)


def test_text_features(clip: CLIP) -> None:
    features = clip.encode_text(["a red afro", ""])
    assert features["tokens"].shape == (2, MAX_TOKENS, TOKEN_WIDTH)
    assert features["pooled"].shape == (2, WIDTH)
    assert features["mask"].sum(1).tolist() == [5, 2]
    assert torch.equal(features["pooled"][0], features["tokens"][0, 4, :WIDTH])


def test_a_token_s_second_half_is_the_word_and_its_place_as_they_went_in(clip: CLIP) -> None:
    assert TOKEN_WIDTH == 2 * WIDTH
    prompts = ["a red afro", "blue bob"]
    ids = tokenizer().encode_batch(prompts)
    tokens = clip.encode_text(prompts)["tokens"]
    assert torch.equal(tokens[..., WIDTH:], clip.text.embed(ids) + clip.text.position)


def test_only_a_token_s_first_half_depends_on_its_neighbours(clip: CLIP) -> None:
    red, blue = clip.encode_text(["a red afro", "a blue afro"])["tokens"]
    gap = (red - blue).abs()
    assert gap[2].max() > 1e-2  # after the start and "a": the words that differ
    assert gap[3, :WIDTH].max() > 1e-3
    assert gap[3, WIDTH:].max() == 0


def test_padding_changes_nothing(clip: CLIP) -> None:
    ids = tokenizer().encode_batch(["a red afro"])
    before = clip.text(ids)["pooled"]
    with torch.no_grad():
        saved = clip.text.embed.weight[tokenizer().pad].clone()
        clip.text.embed.weight[tokenizer().pad] += 5 * torch.randn(WIDTH)
        after = clip.text(ids)["pooled"]
        clip.text.embed.weight[tokenizer().pad] = saved
    assert torch.allclose(before, after, atol=1e-5)


def test_word_order_matters(clip: CLIP) -> None:
    pooled = clip.encode_text(["red afro, blue shirt", "blue afro, red shirt"])["pooled"]
    assert not torch.allclose(pooled[0], pooled[1], atol=1e-3)


def test_similarity_is_a_scaled_cosine(clip: CLIP) -> None:
    images = pictures(3)
    ids = tokenizer().encode_batch(["a red afro", "blue bob"])
    similarity = clip.similarity(images, ids)
    assert similarity.shape == (3, 2)
    cosine = F.cosine_similarity(clip.image(images)[:, None], clip.text(ids)["pooled"][None], dim=2)
    assert torch.allclose(similarity, clip.logit_scale.exp() * cosine, atol=1e-4)


def test_images_are_shrunk_to_32_pixels(clip: CLIP) -> None:
    small = pictures(2, 32)
    large = F.interpolate(small, scale_factor=4)
    assert torch.allclose(clip.image(small), clip.image(large), atol=1e-5)
