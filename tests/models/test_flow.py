"""The flow is invertible and its likelihood exact."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
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
    fashion_flow,
    log_prob,
)
from models.sampler import Request
from tests.models.tiny import pictures, randomized, together


@pytest.fixture(scope="module")
def flow() -> Flow:
    return randomized(Flow(side=8, patch=4, dim=16, layers=2, heads=2, blocks=3))


@pytest.fixture(scope="module")
def gray() -> Flow:
    """As the flow of photos, but small."""
    return randomized(Flow(8, 4, 16, 1, 2, 2, channels=1, noise=0.0, lean=True, components=3))


def gray_pictures(n: int, side: int = 8) -> Tensor:
    return pictures(n, side)[:, :1]


def jacobian(block: FlowBlock, x: Tensor) -> Tensor:
    """dz/dx of one sequence, over all its values, [tokens · values, tokens · values]."""
    size = x.numel()
    moves: Tensor = torch.autograd.functional.jacobian(lambda v: block(v)[0], x)
    return moves.view(size, size)


both_ways = pytest.mark.parametrize("reverse", [False, True])


kinds = pytest.mark.parametrize(("lean", "components"), [(False, 0), (True, 0), (True, 3)])


@both_ways
@kinds
def test_a_block_s_log_det_is_its_jacobian_s(reverse: bool, lean: bool, components: int) -> None:
    block = randomized(FlowBlock(3, 2, 8, 1, 2, reverse, lean, components)).double()
    x = torch.randn(1, 3, 2, dtype=torch.float64)
    expected = torch.linalg.slogdet(jacobian(block, x)).logabsdet
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


@both_ways
def test_a_leaning_value_reads_those_before_it_in_its_token(reverse: bool) -> None:
    """Read backward, "before" is what comes later in the sequence and in the token."""
    tokens, values = 3, 4
    block = randomized(FlowBlock(tokens, values, 8, 1, 2, reverse, lean=True)).double()
    x = torch.randn(1, tokens, values, dtype=torch.float64)
    moves = jacobian(block, x)
    moves = moves.flip(0, 1) if reverse else moves
    assert moves.triu(1).abs().max() == 0
    for token in range(tokens):
        own = moves[token * values :][:values, token * values :][:, :values]
        rows, columns = torch.tril_indices(values, values, -1)
        assert own[rows, columns].abs().min() > 1e-4


@both_ways
def test_without_leaning_the_values_of_a_token_are_independent(reverse: bool) -> None:
    block = randomized(FlowBlock(2, 4, 8, 1, 2, reverse)).double()
    moves = jacobian(block, torch.randn(1, 2, 4, dtype=torch.float64))
    for own in (moves[:4, :4], moves[4:, 4:]):
        assert torch.equal(own, own.diagonal().diag())


@both_ways
def test_a_leaning_mean_is_linear_in_the_token_s_earlier_values(reverse: bool) -> None:
    block = randomized(FlowBlock(2, 3, 8, 1, 2, reverse, lean=True)).double()
    x = torch.randn(1, 2, 3, dtype=torch.float64)
    last = 0 if reverse else 1  # in reading order: nothing else depends on it
    zs = []
    for amount in (0.0, 1.0, 2.0):
        moved = x.clone()
        moved[:, last, 2 if reverse else 0] += amount
        zs.append(block(moved)[0])
    assert torch.allclose(zs[2] - zs[1], zs[1] - zs[0], atol=1e-10)
    assert (zs[1] - zs[0])[:, last].abs().min() > 1e-4


@both_ways
@kinds
def test_a_block_can_be_inverted(reverse: bool, lean: bool, components: int) -> None:
    block = randomized(FlowBlock(5, 4, 8, 2, 2, reverse, lean, components))
    x = torch.randn(3, 5, 4)
    z, _ = block(x)
    assert (z - x).abs().max() > 0.1
    assert torch.allclose(block.inverse(z), x, atol=1e-4)


@both_ways
def test_mixtures_are_of_what_was_read_before(reverse: bool) -> None:
    tokens, values = 3, 2
    block = randomized(FlowBlock(tokens, values, 8, 1, 2, reverse, True, 4)).double()
    moves = jacobian(block, torch.randn(1, tokens, values, dtype=torch.float64))
    moves = moves.flip(0, 1) if reverse else moves
    assert moves.triu(1).abs().max() == 0
    assert moves.diagonal().min() > 0


def test_a_head_is_exact_under_mixed_precision() -> None:
    """Seven digits of a mean, of which bfloat16 keeps two, tell black from nearly black."""
    block = randomized(FlowBlock(2, 2, 8, 1, 2, False, True, 3))
    h = torch.randn(1, 2, 8)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = block._map(h)
    assert torch.equal(mixed.mu, block._map(h).mu)
    assert mixed.mixture is not None
    assert mixed.mixture.means.dtype == torch.float32


def test_only_the_first_block_of_a_flow_has_mixtures() -> None:
    flow = Flow(8, 4, 16, 1, 2, blocks=3, components=5)
    assert [block.components for block in flow.blocks] == [5, 0, 0]


def test_a_flow_begins_as_the_identity() -> None:
    flow, images = Flow(8, 4, 16, 1, 2, 2, lean=True), pictures(2, 8)
    z, logdet = flow(images)
    assert torch.equal(flow.unpatchify(z), images)
    assert logdet.tolist() == [0, 0]


def test_the_inverse_undoes_the_gray_flow(gray: Flow) -> None:
    images = gray_pictures(4)
    z, _ = gray(images)
    assert (z - gray.patchify(images)).abs().max() > 0.1
    assert (gray.inverse(z) - images).abs().max() < 1e-3 * 2


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
    flow = Flow(side=8, patch=4, dim=16, layers=1, heads=2, blocks=2, noise=0.3)
    y = pictures(2, 8)
    with torch.inference_mode():
        assert torch.allclose(denoise(flow, y), (1 - 0.09) * y, atol=1e-6)


def test_noise_is_taken_off_only_where_there_was_some(flow: Flow, gray: Flow) -> None:
    assert flow.noise > 0
    assert gray.noise == 0
    assert FlowSampler(flow).start(Request()).total == len(flow.blocks) + 1
    assert FlowSampler(gray).start(Request()).total == len(gray.blocks)
    assert FlowDecoder(flow).start(Request(images=pictures(1, 8))).total == len(flow.blocks)
    sampler = FlowSampler(gray)
    z = sampler.start(Request(n=2, seed=3)).x
    images = sampler.run(Request(n=2, seed=3)).images
    assert torch.allclose(images[:, :1], gray.inverse(z).clamp(-1, 1), atol=1e-5)


def test_gray_images_are_shown_as_three_equal_channels(gray: Flow) -> None:
    images = gray_pictures(2)
    for sampler, request in (
        (FlowSampler(gray), Request(n=2, seed=1)),
        (FlowEncoder(gray), Request(n=2, images=images)),
        (FlowRoundTrip(gray), Request(n=2, images=images)),
    ):
        state = sampler.start(request)
        views = [sampler.preview(state)]
        while not state.done:
            sampler.step([state])
            views.append(sampler.preview(state))
        for view in views:
            assert view.images.shape == (2, 3, 8, 8)
            assert torch.equal(view.images, view.images[:, :1].expand(-1, 3, -1, -1))
    assert (views[-1].images[:, :1] - images).abs().max() < 2 / 255 + 1e-3


def test_a_round_trip_without_images_sends_gray_pixels(gray: Flow) -> None:
    view = FlowRoundTrip(gray).run(Request(n=2, seed=1))
    assert view.extras["z"].shape == (2, 1, 8, 8)
    assert view.extras["error"] < 1e-3 * 2


def test_the_likelihood_of_gray_images_is_over_their_own_values(gray: Flow) -> None:
    encoder = FlowEncoder(gray)
    state = encoder.start(Request(n=2, images=gray_pictures(2)))
    density = log_prob(*gray(gray.unpatchify(state.given)))
    while not state.done:
        encoder.step([state])
    bits = encoder.preview(state).extras["bits_per_dim"]
    assert torch.allclose(bits, bits_per_dim(density, 64), atol=1e-4)


def test_a_gray_flow_refuses_colors_and_a_color_flow_gray(flow: Flow, gray: Flow) -> None:
    for encoder in (FlowEncoder, FlowDecoder, FlowRoundTrip):
        with pytest.raises(ValueError, match="gray images of 8 by 8 pixels"):
            encoder(gray).start(Request(images=pictures(1, 8)))
        with pytest.raises(ValueError, match="color images of 8 by 8 pixels"):
            encoder(flow).start(Request(images=gray_pictures(1)))


def test_the_flow_of_photos_takes_28_gray_pixels_without_noise() -> None:
    flow = fashion_flow().eval()
    photos = gray_pictures(2, 28)
    view = FlowEncoder(flow).run(Request(n=2, images=photos))
    assert view.extras["z"].shape == photos.shape
    assert view.images.shape == (2, 3, 28, 28)
    assert [block.components > 0 for block in flow.blocks] == [True, False]
    assert FlowSampler(flow).start(Request()).total == len(flow.blocks)
    with pytest.raises(ValueError, match="gray images of 28 by 28 pixels"):
        FlowEncoder(flow).start(Request(images=pictures(2, 28)))


def test_requests_share_a_step_of_the_gray_flow(gray: Flow) -> None:
    sampler = FlowSampler(gray)
    requests = [Request(n=2, seed=1, temperature=0.5), Request(n=1, seed=2)]
    for request, view in zip(requests, together(sampler, requests), strict=True):
        assert torch.allclose(sampler.run(request).images, view.images, atol=1e-4)


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
