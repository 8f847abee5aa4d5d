"""The shipped models reach their first quality bar on the gallery, 256 faces never trained on."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.data.captions import plain
from models.data.captions.claims import truth, values_of
from models.data.captions.tokenizer import tokenizer
from models.data.gallery import gallery
from models.parts.clip import CLIP
from models.runtime.zoo import Zoo, network

pytestmark = pytest.mark.slow


def test_the_vae_reconstructs_within_18_levels() -> None:
    images = gallery().images
    sampler = Zoo().sampler("vae.reconstruct")
    view = sampler.run(sampler.request(n=len(images), images=images))
    assert view.extras["rmse"].square().mean().sqrt() <= 18


def test_clip_ranks_a_true_caption_first_in_four_of_five() -> None:
    shown = gallery()
    ids = tokenizer().encode_batch(list(shown.captions))
    with torch.inference_mode():
        best = network("clip", CLIP).similarity(shown.images, ids).argmax(1)
    said = [plain.claims_of(a, plain.parts(a)) for a in shown.attributes]
    true = truth(said, [values_of(a) for a in shown.attributes])
    assert true[torch.arange(len(shown)), best].float().mean() >= 0.8


def test_the_flow_comes_back_within_a_thousandth_of_the_range() -> None:
    images = gallery().images[:8]
    sampler = Zoo().sampler("flow.roundtrip")
    view = sampler.run(sampler.request(n=8, images=images))
    assert view.extras["error"] < 1e-3 * 2
    assert (view.extras["bits_per_dim"] < 8).all()


def test_the_latent_autoencoder_keeps_the_picture() -> None:
    images = gallery(128).images[:32]
    sampler = Zoo().sampler("latent-diffusion.autoencode")
    view = sampler.run(sampler.request(n=32, images=images))
    assert view.extras["rmse"].mean() <= 18


def nearest(images: Tensor) -> float:
    """Median distance of an image to the most similar other one."""
    distances = torch.cdist(images.flatten(1), images.flatten(1))
    return float(distances.fill_diagonal_(torch.inf).min(1).values.median())


def test_a_collapsed_gan_repeats_itself_where_the_gan_does_not() -> None:
    real = nearest(gallery().images[:64])
    sound, collapsed = (
        nearest(
            Zoo()
            .sampler(f"{name}.sample")
            .run(Zoo().sampler(f"{name}.sample").request(n=64, seed=1))
            .images
        )
        for name in ("gan", "gan-collapsed")
    )
    assert sound > real / 3
    assert collapsed < sound / 2
