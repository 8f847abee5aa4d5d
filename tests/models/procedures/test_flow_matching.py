"""Noise to image along the velocity."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor

from models.families.flow_matching import StraightPath, euler_step
from models.parts.clip import CLIP
from models.parts.denoiser import Denoiser
from models.procedures.flow_matching import FlowMatchingSampler
from models.runtime.errors import ChoiceError
from tests.models.tiny import Constant, nothing, pictures, randomized, together

PATH = StraightPath()


PROMPT = "a smiling person with a red afro"


@pytest.fixture(scope="module")
def sampler() -> FlowMatchingSampler:
    net = randomized(Denoiser(channels=1, patch=1, width=8, dim=16, layers=1))
    return FlowMatchingSampler(net, randomized(CLIP()).encode_text, (1, 16, 16))


def knowing(images: Tensor) -> FlowMatchingSampler:
    """A sampler whose network sees through any noise."""
    shape = (images.shape[1], images.shape[2], images.shape[3])
    return FlowMatchingSampler(cast("Denoiser", Constant(images)), nothing, shape)


def at(t: float, n: int) -> Tensor:
    return torch.full((n,), t)


def test_a_perfect_network_needs_one_step_and_goes_straight() -> None:
    images = pictures(2, 8)
    one, seven = (
        knowing(images).run(knowing(images).request(n=2, seed=3, num_steps=steps))
        for steps in (1, 7)
    )
    for view in (one, seven):
        assert torch.allclose(view.images, images, atol=1e-5)
        assert view.extras["detour"] == pytest.approx(1, abs=1e-4)


def test_a_network_that_changes_its_mind_goes_a_longer_way(sampler: FlowMatchingSampler) -> None:
    state = sampler.start(sampler.request(n=2, seed=1, num_steps=6))
    ways = [sampler.preview(state).extras["detour"]]
    while not state.done:
        sampler.step([state])
        ways.append(sampler.preview(state).extras["detour"])
    assert ways[0] == 1
    assert ways[1] == pytest.approx(1, abs=1e-5)
    assert ways[-1] > 1 + 1e-4


def test_the_only_solver_is_euler(sampler: FlowMatchingSampler) -> None:
    assert sampler.request() == sampler.request(solver="euler")
    for solver in ("ddim", "ddpm", "heun"):
        with pytest.raises(ChoiceError):
            sampler.request(solver=solver)


def test_no_step_draws_noise(sampler: FlowMatchingSampler) -> None:
    state = sampler.start(sampler.request(num_steps=3))
    before = state.generators[0].get_state()
    sampler.step([state])
    assert torch.equal(before, state.generators[0].get_state())


def test_requests_of_different_length_share_a_step(sampler: FlowMatchingSampler) -> None:
    requests = [
        sampler.request(n=2, seed=5, num_steps=3, prompt=PROMPT),
        sampler.request(n=1, seed=6, num_steps=5, prompt="blue bob", guidance_scale=3.0),
    ]
    assert sampler.start(requests[0]).key == sampler.start(requests[1]).key
    for request, view in zip(requests, together(sampler, requests), strict=True):
        alone = sampler.run(request)
        assert torch.allclose(alone.images, view.images, atol=1e-4)
        assert torch.allclose(alone.extras["x0"], view.extras["x0"], atol=1e-4)
        assert alone.extras["detour"] == pytest.approx(view.extras["detour"], abs=1e-4)


def test_a_preview_shows_where_the_line_leads(sampler: FlowMatchingSampler) -> None:
    state = sampler.start(sampler.request(n=2, seed=1, num_steps=4, prompt=PROMPT))
    sampler.step([state])
    view = sampler.preview(state)
    assert set(view.extras) == {"x", "origin", "x0", "t", "detour"}
    assert view.extras["t"] == pytest.approx(0.75)
    assert torch.equal(view.images, state.x.clamp(-1, 1))
    straight = euler_step(PATH, state.x, view.extras["x0"], at(0.75, 2), at(0, 2))
    assert torch.allclose(straight, view.extras["x0"], atol=1e-5)
    assert torch.equal(view.extras["x0"], state.x0)
