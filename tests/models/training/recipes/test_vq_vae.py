"""When codes begin to be chosen, and that they learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from models.families.vq_vae import QUANTIZERS, VQVAE
from models.training.catalogue import recipes
from models.training.recipes.vq_vae import FREE
from tests.models.training.few import small, use_few_images, use_small_networks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.training.recipes.vq_vae import CodebookRecipe


@pytest.fixture(autouse=True)
def few() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        use_few_images(patch)
        use_small_networks(patch)
        yield


def made(quantizer: str) -> CodebookRecipe:
    recipe = small(recipes()[f"codebook-{quantizer}"])
    return recipe  # type: ignore[return-value]


@pytest.mark.parametrize("quantizer", ["plain", "simvq"])
def test_codes_learn_once_they_are_read(quantizer: str) -> None:
    recipe = made(quantizer)
    before = recipe.net.quantizer.codebook().detach().clone()
    recipe.train_step(0, 0.9 * FREE)
    assert torch.equal(recipe.net.quantizer.codebook(), before)
    recipe.train_step(1, FREE)
    assert not torch.equal(recipe.net.quantizer.codebook(), before)


def test_averages_follow_the_outputs_from_the_first_step() -> None:
    recipe = made("ema")
    before = recipe.net.quantizer.codebook().clone()
    recipe.train_step(0, 0.0)
    assert not torch.equal(recipe.net.quantizer.codebook(), before)
    assert torch.isfinite(recipe.shipped(VQVAE).quantizer.codebook()).all()


def test_a_continued_training_reads_codes_at_once_and_remembers_it() -> None:
    recipe = made("ema")
    recipe.adopt(recipe.weights(), {})
    assert recipe.describe()["recipe"]["free"] == 0
    again = made("ema")
    again.resume_extras(recipe.checkpoint_extras())
    assert again.free == 0


@pytest.mark.parametrize("quantizer", QUANTIZERS)
def test_the_card_tells_shares_of_codes(quantizer: str) -> None:
    measured = made(quantizer).measure()
    assert 0 < measured["codes_used"] <= 1
    assert 1 <= measured["perplexity"] <= measured["codes"] == 512
