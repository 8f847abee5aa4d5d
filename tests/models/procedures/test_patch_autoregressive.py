"""Photos written patch by patch."""

from __future__ import annotations

import pytest
import torch

from models.families.patch_autoregressive import (
    GRID,
    PATCH,
    SIDE,
    PatchGPT,
    draw,
    to_levels,
    unpatchify,
)
from models.procedures.patch_autoregressive import PatchSampler
from tests.models.tiny import together


@pytest.fixture(scope="module")
def sampler(pixel_gpt: PatchGPT) -> PatchSampler:
    return PatchSampler(pixel_gpt)


def test_what_is_drawn_follows_from_the_parallel_pass(
    pixel_gpt: PatchGPT, sampler: PatchSampler
) -> None:
    state = sampler.start(sampler.request(n=2, seed=3))
    with torch.inference_mode():
        while not state.done:
            sampler.step([state])
        logits = pixel_gpt(state.patches).flatten(0, 2)
    temperature = torch.ones(len(logits), 1, dtype=torch.float64)
    replayed = draw(logits, temperature, state.uniforms.flatten())
    # A number within a rounding error of a level's edge may fall on its other side.
    assert (replayed == state.patches.flatten()).float().mean() > 0.995
    assert len(state.patches.unique()) > 50


def test_temperature_zero_takes_the_likeliest_level(
    pixel_gpt: PatchGPT, sampler: PatchSampler
) -> None:
    state = sampler.start(sampler.request(n=1, seed=3, temperature=0.0))
    with torch.inference_mode():
        while not state.done:
            sampler.step([state])
        best = pixel_gpt(state.patches).argmax(-1)
    assert (best == state.patches).float().mean() > 0.995
    assert len(state.patches.unique()) > 5


def test_requests_of_different_temperature_share_a_step(sampler: PatchSampler) -> None:
    requests = [
        sampler.request(n=1, seed=1, temperature=0.1),
        sampler.request(n=2, seed=2, temperature=0.3),
    ]
    assert sampler.start(requests[0]).key == sampler.start(requests[1]).key
    for request, view in zip(requests, together(sampler, requests), strict=True):
        assert torch.equal(sampler.run(request).images, view.images)


def test_fewer_images_are_the_first_of_more(sampler: PatchSampler) -> None:
    more, fewer = (sampler.start(sampler.request(n=n, seed=4)).uniforms for n in (3, 2))
    assert torch.equal(more[:2], fewer)
    assert not torch.equal(more[0], more[1])
    assert not torch.equal(sampler.start(sampler.request(n=2, seed=5)).uniforms, fewer)


def test_previews_are_gray_where_nothing_is_drawn_yet(sampler: PatchSampler) -> None:
    state = sampler.start(sampler.request(n=2, seed=1))
    assert (sampler.preview(state).images == 0).all()
    for _ in range(GRID + 2):
        sampler.step([state])
    view = sampler.preview(state)
    assert view.extras["position"] == GRID + 2
    assert view.images.shape == (2, 3, SIDE, SIDE)
    assert torch.equal(view.images, view.images[:, :1].expand(-1, 3, -1, -1))
    known = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    known[:PATCH] = True
    known[PATCH : 2 * PATCH, : 2 * PATCH] = True
    # No level is exactly gray, so where there is a pixel it is seen.
    assert torch.equal(view.images[:, 0] != 0, known.expand(2, -1, -1))
    assert torch.equal(to_levels(view.images[:, 0])[:, known], unpatchify(state.patches)[:, known])


@pytest.mark.parametrize("temperature", [-0.1, 2.1])
def test_temperature_has_limits(sampler: PatchSampler, temperature: float) -> None:
    with pytest.raises(ValueError, match="low=0, high=2"):
        sampler.start(sampler.request(temperature=temperature))
