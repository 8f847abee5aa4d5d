"""Noise to image and image to noise."""

from __future__ import annotations

import itertools
import math
from typing import Any, cast
from unittest.mock import Mock

import pytest
import torch
from torch import Tensor

from models.families.diffusion import (
    CosineSchedule,
)
from models.parts.clip import CLIP
from models.parts.conditions import Conditions
from models.parts.denoiser import Denoiser
from models.procedures.diffusion import DiffusionNoising, DiffusionSampler, SampleParameters
from models.runtime.errors import ChoiceError, RequestError
from tests.models.tiny import Constant, nothing, pictures, randomized, together

SOLVERS = SampleParameters.bounds()["solver"].choices


SCHEDULE = CosineSchedule()


PROMPT = "a smiling person with a red afro"


@pytest.fixture(scope="module")
def sampler() -> DiffusionSampler:
    net = randomized(Denoiser(channels=1, patch=1, width=8, dim=16, layers=1))
    return DiffusionSampler(net, randomized(CLIP()).encode_text, (1, 16, 16))


def at(t: float, n: int = 1) -> Tensor:
    return torch.full((n,), t)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_sampler_ends_at_its_last_clean_prediction(
    sampler: DiffusionSampler, solver: str
) -> None:
    view = sampler.run(sampler.request(n=2, seed=1, num_steps=4, solver=solver))
    # ᾱ is clipped just below one, so a hundredth of a trace of noise may stay.
    assert torch.allclose(view.images, view.extras["x0"], atol=0.03)
    assert view.extras["t"] == 0


def test_solvers_share_the_start_and_ddpm_alone_adds_noise(sampler: DiffusionSampler) -> None:
    starts = [sampler.start(sampler.request(seed=2, solver=s)).x for s in SOLVERS]
    assert torch.equal(starts[0], starts[1])
    assert torch.equal(starts[1], starts[2])
    noises = {}
    for solver in SOLVERS:
        state = sampler.start(sampler.request(seed=2, solver=solver, num_steps=4))
        before = [g.get_state() for g in state.generators]
        sampler.step([state])
        after = [g.get_state() for g in state.generators]
        noises[solver] = not torch.equal(before[0], after[0])
    assert noises == {"ddpm": True, "ddim": False, "dpm-solver++": False}


def test_a_solver_is_chosen_by_name(sampler: DiffusionSampler) -> None:
    assert sampler.request().parameters.solver == SOLVERS[0] == "dpm-solver++"
    with pytest.raises(ChoiceError) as refusal:
        sampler.request(solver="euler")
    assert refusal.value.values["choices"] == SOLVERS


@pytest.mark.parametrize("num_steps", [1, 2, 100, 155, 156, 157, 200, 500, 999, 1000])
def test_every_number_of_steps_ends_in_the_clean_image(num_steps: int) -> None:
    clean = pictures(1, 8)
    sampler = DiffusionSampler(Constant(clean), nothing, (3, 8, 8))  # type: ignore[arg-type]
    view = sampler.run(sampler.request(num_steps=num_steps))
    assert torch.allclose(view.images, clean, atol=0.02)  # ᾱ ends at 1 - 1e-5


def test_a_detour_is_the_way_gone_over_the_straight_line(sampler: DiffusionSampler) -> None:
    state = sampler.start(sampler.request(n=2, seed=1, num_steps=5))
    places, detours = [state.x], [state.detour]
    while not state.done:
        sampler.step([state])
        places.append(state.x)
        way = sum((b - a).flatten(1).norm(dim=1) for a, b in itertools.pairwise(places))
        straight = (places[-1] - places[0]).flatten(1).norm(dim=1)
        detours.append(state.detour)
        assert state.detour == pytest.approx((way / straight).mean().item(), rel=1e-5)
        assert sampler.preview(state).extras["detour"] == state.detour
    assert detours[0] == 1
    assert detours[1] == pytest.approx(1, abs=1e-5)
    assert min(detours[2:]) > 1 + 1e-4


def test_anything_that_encodes_prompts_can_condition() -> None:
    heard: list[str] = []

    def listening(prompts: list[str]) -> Conditions:
        heard.extend(prompts)
        return Conditions(whatever=torch.zeros(len(prompts), 1))

    images = pictures(2, 8)
    sampler = DiffusionSampler(cast("Denoiser", Constant(images)), listening, (3, 8, 8))
    view = sampler.run(sampler.request(n=2, prompt="a hat", num_steps=3, guidance_scale=1.0))
    assert set(heard) == {"a hat", ""}
    assert torch.allclose(view.extras["x0"], images)


def test_a_prompt_is_read_once_and_not_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def listening(prompts: list[str]) -> Conditions:
        heard.extend(prompts)
        return clip.encode_text(prompts)

    clip = randomized(CLIP())
    net = randomized(Denoiser(width=8, dim=16, layers=1, patch=1))
    read = Mock(wraps=net.read.forward)
    monkeypatch.setattr(net.read, "forward", read)
    sampler = DiffusionSampler(net, listening, (3, 16, 16))
    for seed in range(3):
        sampler.run(sampler.request(n=2, seed=seed, prompt=PROMPT, num_steps=4))
    assert sorted(heard) == ["", PROMPT]
    assert read.call_count == 2


def test_requests_of_different_length_share_a_step(sampler: DiffusionSampler) -> None:
    requests = [
        sampler.request(n=2, seed=5, num_steps=3, prompt=PROMPT, solver="ddim"),
        sampler.request(
            n=1, seed=6, num_steps=5, prompt="blue bob", solver="ddim", guidance_scale=3.0
        ),
    ]
    assert sampler.start(requests[0]).key == sampler.start(requests[1]).key
    for request, view in zip(requests, together(sampler, requests), strict=True):
        alone = sampler.run(request)
        assert torch.allclose(alone.images, view.images, atol=1e-4)
        assert alone.extras["detour"] == pytest.approx(view.extras["detour"], abs=1e-4)


def predicted(sampler: DiffusionSampler, **settings: object) -> Tensor:
    state = sampler.start(sampler.request(seed=2, num_steps=4, **settings))  # type: ignore[arg-type]
    sampler.step([state])
    return state.x0


def test_guidance_extrapolates_from_unconditional_to_conditional(
    monkeypatch: pytest.MonkeyPatch, sampler: DiffusionSampler
) -> None:
    monkeypatch.setattr(DiffusionSampler, "clip_x0", lambda self, x0: x0)
    without = predicted(sampler, prompt="")
    conditional = predicted(sampler, prompt=PROMPT, guidance_scale=1.0)
    unconditional = predicted(sampler, prompt=PROMPT, guidance_scale=0.0)
    guided = predicted(sampler, prompt=PROMPT, guidance_scale=3.0)
    assert torch.allclose(unconditional, without, atol=1e-5)
    assert not torch.allclose(conditional, without, atol=1e-3)
    expected = unconditional + 3 * (conditional - unconditional)
    assert torch.allclose(guided, expected, atol=1e-4)


def test_guidance_counts_twice_in_the_batch(sampler: DiffusionSampler) -> None:
    assert sampler.start(sampler.request(n=3, prompt=PROMPT, guidance_scale=2.0)).rows == 6
    assert sampler.start(sampler.request(n=3, prompt=PROMPT, guidance_scale=1.0)).rows == 3
    assert sampler.start(sampler.request(n=3)).rows == 3


def test_pixels_are_clipped_in_every_prediction(sampler: DiffusionSampler) -> None:
    x0 = predicted(sampler, prompt=PROMPT, guidance_scale=20.0)
    assert x0.abs().max() <= 1


@pytest.mark.parametrize(
    "values",
    [
        {"num_steps": 0},
        {"num_steps": 1001},
        {"guidance_scale": -1.0},
        {"guidance_scale": 21.0},
        {"solver": "euler"},
    ],
)
def test_bad_requests_are_refused_by_name(
    sampler: DiffusionSampler, values: dict[str, Any]
) -> None:
    with pytest.raises(RequestError) as refusal:
        sampler.request(**values)
    assert refusal.value.name in values


def noised() -> tuple[list[dict[str, float]], list[Tensor]]:
    process = DiffusionNoising((3, 16, 16))
    state = process.start(process.request(n=2, seed=1, num_steps=5, images=pictures(2, 16)))
    extras, images = [], []
    while True:
        view = process.preview(state)
        extras.append(dict(view.extras))
        images.append(state.x.clone())
        if state.done:
            return extras, images
        process.step([state])


def test_noising_begins_at_the_image_and_ends_at_noise() -> None:
    extras, images = noised()
    assert torch.equal(images[0], pictures(2, 16))
    assert [e["t"] for e in extras] == [0, 200, 400, 600, 800, 1000]
    assert [e["alpha_bar"] for e in extras] == sorted(
        (e["alpha_bar"] for e in extras), reverse=True
    )
    assert extras[0]["snr"] == math.inf
    assert extras[3]["snr"] == pytest.approx(extras[3]["alpha_bar"] / (1 - extras[3]["alpha_bar"]))
    correlation = torch.corrcoef(torch.stack([images[0].flatten(), images[-1].flatten()]))[0, 1]
    assert abs(correlation) < 0.1
    assert images[-1].std() == pytest.approx(1, abs=0.1)


def test_noising_uses_one_noise_for_the_whole_way() -> None:
    _, images = noised()
    estimates = []
    for i in (2, 4):
        alpha, sigma = SCHEDULE.alpha_sigma(at(i / 5))
        estimates.append((images[i] - alpha * images[0]) / sigma)
    assert torch.allclose(estimates[0], estimates[1], atol=1e-4)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "images"),
        ({"images": pictures(1, 32)}, "images"),
        ({"images": pictures(1), "num_steps": 1}, "num_steps"),
        ({"num_steps": 101}, "num_steps"),
    ],
)
def test_noising_refuses_bad_requests_by_name(values: dict[str, Any], name: str) -> None:
    process = DiffusionNoising()
    with pytest.raises(RequestError) as refusal:
        process.start(process.request(**values))
    assert refusal.value.name == name
