"""The fused step predicts what torch predicts, and is taken only where it gains."""

from __future__ import annotations

import logging
import math
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from models.data.captions.tokenizer import MAX_TOKENS
from models.parts.clip import CLIP, WIDTH
from models.parts.conditions import Conditions
from models.parts.denoiser import Denoiser
from models.procedures import guided
from models.procedures.diffusion import DiffusionSampler
from models.runtime import acceleration, precision
from models.runtime.acceleration import SIZES, FusedStep, accelerate, cut
from models.runtime.precision import fast_dtype
from models.runtime.zoo import Zoo
from tests.models.tiny import randomized, together

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

SHAPE = (1, 16, 16)
PROMPT = "a smiling person with a red afro"


def prompts(n: int) -> Conditions:
    """As a denoiser has read them, of two to 2n words."""
    mask = torch.arange(MAX_TOKENS) < torch.arange(2, 2 * n + 2, 2)[:, None]
    tokens = torch.randn(n, MAX_TOKENS, WIDTH)
    return Conditions(tokens=tokens, pooled=torch.randn(n, WIDTH), mask=mask)


@pytest.fixture(scope="module")
def net() -> Denoiser:
    return randomized(Denoiser(channels=1, patch=1, width=8, dim=16, layers=2))


@pytest.fixture(autouse=True)
def _exact(exact: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceleration, "fast_dtype", precision.fast_dtype)


@pytest.fixture(scope="module")
def fused(net: Denoiser) -> FusedStep:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acceleration, "fast_dtype", lambda device="cpu": torch.float32)
        return FusedStep(net, SHAPE, prompts(2))


@pytest.fixture
def sampler(net: Denoiser) -> DiffusionSampler:
    return DiffusionSampler(net, randomized(CLIP()).encode_text, SHAPE)


def close(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-3)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_any_number_of_rows_is_predicted_as_torch_does(
    net: Denoiser, fused: FusedStep, rows: int
) -> None:
    x, t, text = torch.randn(rows, *SHAPE), torch.rand(rows), prompts(rows)
    assert close(fused(x, t, text), net.denoise(x, t, text))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_many_rows_are_cut_and_put_together_again(net: Denoiser, threads: int) -> None:
    fused = FusedStep(net, SHAPE, prompts(2), threads)
    rows = threads * SIZES[-1] + 3
    x, t, text = torch.randn(rows, *SHAPE), torch.rand(rows), prompts(rows)
    assert close(fused(x, t, text), net.denoise(x, t, text))


@given(rows=st.integers(1, 300), threads=st.integers(1, 64))
def test_a_cut_gives_every_row_to_one_thread(rows: int, threads: int) -> None:
    size, turns = cut(rows, threads)
    parts = [part for turn in turns for part in turn]
    assert [row for part in parts for row in range(rows)[part]] == list(range(rows))
    assert size in SIZES
    assert all(0 < len(range(rows)[part]) <= size for part in parts)
    assert all(len(turn) <= threads for turn in turns)
    assert len(turns) == math.ceil(rows / (threads * SIZES[-1]))


def test_two_threads_may_ask_at_once(net: Denoiser, fused: FusedStep) -> None:
    def ask(seed: int) -> bool:
        generator = torch.Generator().manual_seed(seed)
        x, t = torch.randn(4, *SHAPE, generator=generator), torch.rand(4, generator=generator)
        return close(fused(x, t, text), net.denoise(x, t, text))

    text = prompts(4)
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(40)))


def test_a_row_does_not_depend_on_the_others(fused: FusedStep) -> None:
    x, t, text = torch.randn(6, *SHAPE), torch.rand(6), prompts(6)
    full = fused(x, t, text)
    for i in range(6):
        own = text.rows(slice(i, i + 1))
        assert torch.allclose(fused(x[i : i + 1], t[i : i + 1], own), full[i : i + 1], atol=1e-4)


def test_rows_that_share_their_memory_are_read_as_such(net: Denoiser, fused: FusedStep) -> None:
    text = prompts(1).repeat(3)
    x, t = torch.randn(1, *SHAPE).expand(3, -1, -1, -1), torch.tensor(0.4).expand(3)
    assert close(fused(x, t, text), net.denoise(x, t, text))


def test_an_answer_is_not_overwritten_by_the_next(fused: FusedStep) -> None:
    t, text = torch.rand(2), prompts(2)
    first = fused(torch.randn(2, *SHAPE), t, text)
    kept = first.clone()
    fused(torch.randn(2, *SHAPE), t, text)
    assert torch.equal(first, kept)


def decide(seconds: tuple[float, float]) -> Callable[..., float]:
    """A clock that gives the fused step and torch these seconds."""
    left = list(seconds)
    return lambda run, repeats=1: left.pop(0)


def test_it_is_taken_where_it_is_faster(net: Denoiser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceleration, "best_seconds", decide((1.0, 2.0)))
    assert accelerate(net, SHAPE, prompts(2)) is not None
    monkeypatch.setattr(acceleration, "best_seconds", decide((2.0, 1.0)))
    assert accelerate(net, SHAPE, prompts(2)) is None


def test_it_is_not_taken_where_it_is_wrong(
    net: Denoiser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Wrong(FusedStep):
        def __call__(self, x: Tensor, t: Tensor, text: Conditions) -> Tensor:
            return 1.1 * super().__call__(x, t, text)

    monkeypatch.setattr(acceleration, "FusedStep", Wrong)
    monkeypatch.setattr(acceleration, "best_seconds", decide((1.0, 2.0)))
    with caplog.at_level(logging.WARNING, "models.runtime.acceleration"):  # whatever the root says
        assert accelerate(net, SHAPE, prompts(2)) is None
    assert "OpenVINO is off by" in caplog.text


def test_it_is_not_taken_where_a_long_prompt_alone_goes_wrong(
    net: Denoiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WrongAtLength(FusedStep):
        def __call__(self, x: Tensor, t: Tensor, text: Conditions) -> Tensor:
            wrong = text["mask"].sum(1) > 7
            return super().__call__(x, t, text) * torch.where(wrong, 1.04, 1.0)[:, None, None, None]

    monkeypatch.setattr(acceleration, "FusedStep", WrongAtLength)
    clock = iter((1.0, 2.0))
    monkeypatch.setattr(acceleration, "best_seconds", lambda run, repeats=1: next(clock))
    assert accelerate(net, SHAPE, prompts(3)) is not None
    clock = iter((1.0, 2.0))
    assert accelerate(net, SHAPE, prompts(4)) is None


def test_a_sampler_tries_it_on_prompts_of_several_lengths(
    sampler: DiffusionSampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Conditions] = []
    monkeypatch.setattr(guided, "accelerate", lambda net, shape, read, threads: tried.append(read))
    sampler.prepare()
    lengths = tried[0]["mask"].sum(1)
    assert len(lengths.unique()) == len(lengths) == len(sampler.trials)
    assert lengths.max() > MAX_TOKENS / 2


def test_conditions_of_other_names_are_run_as_they_are() -> None:
    class Adapted(Denoiser):
        def denoise(
            self, x: Tensor, t: Tensor, read: Conditions, attention: list[Tensor] | None = None
        ) -> Tensor:
            return super().denoise(x, t, read, attention) + read["edges"].mean(1, keepdim=True)

    net = randomized(Adapted(channels=1, patch=1, width=8, dim=16, layers=1))
    read = prompts(2).having(edges=torch.randn(2, 3, 16, 16))
    x, t = torch.randn(2, *SHAPE), torch.rand(2)
    assert close(FusedStep(net, SHAPE, read)(x, t, read), net.denoise(x, t, read))


def test_without_openvino_torch_runs_the_network(
    net: Denoiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert accelerate(net, SHAPE, prompts(2)) is None


def test_what_openvino_cannot_take_is_logged_and_torch_runs_it(
    net: Denoiser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> FusedStep:
        raise RuntimeError("no such operation")

    monkeypatch.setattr(acceleration, "FusedStep", broken)
    assert accelerate(net, SHAPE, prompts(2)) is None
    assert "no such operation" in caplog.text


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_a_prepared_sampler_draws_the_same(
    sampler: DiffusionSampler, monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    request = sampler.request(n=3, seed=4, num_steps=3, prompt=PROMPT, guidance_scale=scale)
    before = sampler.run(request).images
    monkeypatch.setattr(acceleration, "best_seconds", decide((1.0, 2.0)))
    sampler.prepare()
    assert sampler._fused is not None
    after = sampler.run(request).images
    assert close(before, after)


def test_a_prepared_sampler_s_requests_share_a_step(
    sampler: DiffusionSampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceleration, "best_seconds", decide((1.0, 2.0)))
    sampler.prepare()
    requests = [sampler.request(n=n, seed=n, num_steps=3, prompt=PROMPT) for n in (1, 2, 3)]
    for request, view in zip(requests, together(sampler, requests), strict=True):
        assert close(sampler.run(request).images, view.images)


def test_a_trained_network_is_right_in_the_processor_s_own_precision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (acceleration, precision):
        monkeypatch.setattr(module, "fast_dtype", fast_dtype)
    monkeypatch.setattr(acceleration, "best_seconds", decide((1.0, 2.0)))
    trained = Zoo().sampler("diffusion.sample")
    request = trained.request(n=2, seed=4, num_steps=8, prompt=PROMPT, guidance_scale=2.0)
    before = trained.run(request).images
    trained.prepare()
    assert isinstance(trained, DiffusionSampler)
    assert trained._fused is not None
    assert (trained.run(request).images - before).abs().mean() < 2 / 255
