"""Noise to a photo of a class."""

from __future__ import annotations

import pytest
import torch

from models.data.fashion import BORDER
from models.procedures.fashion_diffusion import FashionDiffusionSampler
from tests.models.tiny import SmallFashionDenoiser, randomized, together


@pytest.fixture(scope="module")
def sampler() -> FashionDiffusionSampler:
    return FashionDiffusionSampler(randomized(SmallFashionDenoiser()))


def test_photos_are_shown_gray_and_without_the_border(sampler: FashionDiffusionSampler) -> None:
    state = sampler.start(sampler.request(n=2, seed=1, prompt="coat", num_steps=3))
    views = [sampler.preview(state)]
    while not state.done:
        sampler.step([state])
        views.append(sampler.preview(state))
    seen = ("x0", "before", "epsilon", "prompted", "plain")
    for view in views:
        assert set(view.extras) == {*seen, "x", "origin", "t", "t_before", "alpha_bar", "detour"}
        for images in (view.images, *(view.extras[name] for name in seen)):
            assert images.shape == (2, 3, 28, 28)
            assert torch.equal(images, images[:, :1].expand(-1, 3, -1, -1))
    inner = state.x[:, 0, BORDER:-BORDER, BORDER:-BORDER]
    assert torch.equal(views[-1].images[:, 0], inner.clamp(-1, 1))
    assert torch.equal(views[-1].extras["x0"][:, 0], state.x0[:, 0, BORDER:-BORDER, BORDER:-BORDER])


def test_another_class_changes_the_photo(sampler: FashionDiffusionSampler) -> None:
    coat, bag, same = (
        sampler.run(sampler.request(n=2, seed=1, prompt=prompt, num_steps=4)).images
        for prompt in ("coat", "bag", "a photo of a Coat")
    )
    assert (coat - bag).abs().mean() > 1e-2
    assert torch.equal(coat, same)


def test_without_a_class_there_is_nothing_to_guide_to(sampler: FashionDiffusionSampler) -> None:
    none, hat, weak, strong = (
        sampler.run(
            sampler.request(seed=1, prompt=prompt, num_steps=4, guidance_scale=scale)
        ).images
        for prompt, scale in (("", 8.0), ("a hat", 8.0), ("coat", 1.0), ("coat", 8.0))
    )
    assert torch.allclose(none, hat, atol=1e-4)
    assert (weak - strong).abs().mean() > 1e-2
    assert sampler.start(sampler.request(n=3, guidance_scale=8.0)).rows == 3
    assert sampler.start(sampler.request(n=3, prompt="coat", guidance_scale=8.0)).rows == 6


def test_requests_of_different_class_share_a_step(sampler: FashionDiffusionSampler) -> None:
    requests = [
        sampler.request(n=2, seed=5, num_steps=3, prompt="coat"),
        sampler.request(n=1, seed=6, num_steps=5, prompt="sandal", guidance_scale=3.0),
    ]
    assert sampler.start(requests[0]).key == sampler.start(requests[1]).key
    for request, view in zip(requests, together(sampler, requests), strict=True):
        alone = sampler.run(request)
        assert torch.allclose(alone.images, view.images, atol=1e-3)
        assert torch.allclose(alone.extras["x0"], view.extras["x0"], atol=1e-3)
