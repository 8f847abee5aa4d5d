"""The flow is invertible and its likelihood exact."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Independent, Normal

from models.flow import (
    Flow,
    FlowBlock,
    FlowDecoder,
    FlowEncoder,
    FlowRoundTrip,
    FlowSampler,
    bits_per_dim,
    denoise,
    log_prob,
)
from models.sampler import Request
from tests.models.tiny import pictures, randomized


@pytest.fixture(scope="module")
def flow() -> Flow:
    return randomized(Flow(side=8, patch=4, dim=16, layers=2, heads=2, blocks=3))


@pytest.mark.parametrize("reverse", [False, True])
def test_a_block_s_log_det_is_its_jacobian_s(reverse: bool) -> None:
    block = randomized(FlowBlock(3, 2, 8, 1, 2, reverse)).double()
    x = torch.randn(1, 3, 2, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda v: block(v)[0], x).view(6, 6)
    expected = torch.linalg.slogdet(jacobian).logabsdet
    assert torch.allclose(block(x)[1], expected[None], atol=1e-8)
    assert expected.abs() > 0.01


def test_the_whole_flow_s_log_det_is_its_jacobian_s() -> None:
    flow = randomized(Flow(side=4, patch=2, dim=8, layers=1, heads=2, blocks=3)).double()
    x = torch.randn(1, 3, 4, 4, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda v: flow(v)[0], x).view(48, 48)
    expected = torch.linalg.slogdet(jacobian).logabsdet
    assert torch.allclose(flow(x)[1].double(), expected[None], atol=1e-5)


def test_a_block_is_autoregressive_in_its_direction() -> None:
    x = torch.randn(1, 5, 2)
    changed = x.clone()
    changed[:, 2] += 1
    for reverse in (False, True):
        block = randomized(FlowBlock(5, 2, 8, 1, 2, reverse))
        moved = (block(x)[0] != block(changed)[0]).any(2)[0].nonzero()[:, 0].tolist()
        assert set(moved) <= ({2, 1, 0} if reverse else {2, 3, 4})
        assert len(moved) == 3


def test_the_inverse_undoes_the_flow(flow: Flow) -> None:
    images = pictures(4, 8)
    z, _ = flow(images)
    assert (z - flow.patchify(images)).abs().max() > 0.1
    assert (flow.inverse(z) - images).abs().max() < 1e-3 * 2


def test_patches_are_put_back(flow: Flow) -> None:
    images = pictures(2, 8)
    assert flow.patchify(images).shape == (2, 4, 48)
    assert torch.equal(flow.unpatchify(flow.patchify(images)), images)


def test_log_prob_is_the_normal_density_plus_log_det() -> None:
    z, logdet = torch.randn(5, 4, 6), torch.randn(5)
    normal = Independent(Normal(torch.zeros(4, 6), 1.0), 2)
    assert torch.allclose(log_prob(z, logdet), normal.log_prob(z) + logdet, atol=1e-4)


def test_a_uniform_density_costs_eight_bits_a_value() -> None:
    """255 steps of 8 bits fit between -1 and 1, so each costs log2 255 bits."""
    values = 192
    uniform = torch.tensor([-values * math.log(2.0)])
    assert bits_per_dim(uniform, values).item() == pytest.approx(math.log2(255))


def test_a_round_trip_ends_where_it_began(flow: Flow) -> None:
    sampler = FlowRoundTrip(flow)
    request = Request(n=2, seed=1, images=pictures(2, 8))
    state = sampler.start(request)
    phases = []
    while not state.done:
        sampler.step([state])
        phases.append(sampler.preview(state).extras["phase"])
    assert phases == ["forward"] * 3 + ["inverse"] * 3
    view = sampler.finish(state)
    assert view.extras["error"] < 1e-3 * 2
    assert request.images is not None
    assert (view.images - request.images).abs().max() < 2 / 255 + 1e-3
    z, logdet = flow(flow.unpatchify(state.given))
    density = log_prob(z, logdet)
    assert torch.allclose(view.extras["log_prob"], density, atol=1e-2)
    assert torch.allclose(view.extras["bits_per_dim"], bits_per_dim(density, 192), atol=1e-4)


def test_decoding_what_was_encoded_gives_the_images(flow: Flow) -> None:
    images = pictures(2, 8)
    z = FlowEncoder(flow).run(Request(n=2, images=images)).extras["z"]
    decoded = FlowDecoder(flow).run(Request(n=2, images=z)).images
    assert (decoded - images).abs().max() < 1 / 255 + 1e-3  # half a level of dequantization


def test_a_sample_is_the_inverse_of_its_noise(flow: Flow) -> None:
    sampler = FlowSampler(flow)
    state = sampler.start(Request(n=2, seed=3, temperature=0.7))
    z = state.x.clone()
    while not state.done:
        sampler.step([state])
    expected = denoise(flow, flow.inverse(z)).clamp(-1, 1)
    assert torch.allclose(sampler.finish(state).images, expected, atol=1e-5)


def test_denoising_is_tweedie_s_formula() -> None:
    """Where the flow is the identity, p(y) = N(0, I), so E[x | y] = (1 - sigma²) y."""
    flow = Flow(side=8, patch=4, dim=16, layers=1, heads=2, blocks=2)
    y = pictures(2, 8)
    with torch.inference_mode():
        assert torch.allclose(denoise(flow, y, sigma=0.3), (1 - 0.09) * y, atol=1e-6)


def test_a_view_shows_images_at_full_and_noise_at_a_third_of_its_range(flow: Flow) -> None:
    images = pictures(1, 8) * 0.9
    sampler = FlowRoundTrip(flow)
    state = sampler.start(Request(images=images))
    assert (sampler.preview(state).images - images).abs().max() < 1 / 127.5
    for _ in range(3):
        sampler.step([state])
    z = flow.unpatchify(state.x)
    assert torch.allclose(sampler.preview(state).images, (z / 3).clamp(-1, 1), atol=1e-6)


def test_temperature_scales_the_noise(flow: Flow) -> None:
    cold, hot = (FlowSampler(flow).start(Request(n=2, seed=3, temperature=t)).x for t in (0.5, 1.0))
    assert torch.allclose(cold, 0.5 * hot)


@pytest.mark.parametrize("temperature", [-0.1, 2.5])
def test_temperature_has_limits(flow: Flow, temperature: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 2"):
        FlowSampler(flow).start(Request(temperature=temperature))


def test_images_of_another_size_are_refused(flow: Flow) -> None:
    with pytest.raises(ValueError, match="8 by 8 pixels"):
        FlowEncoder(flow).start(Request(images=pictures(1, 16)))
