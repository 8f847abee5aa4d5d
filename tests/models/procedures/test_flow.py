"""What a flow does for a request: draws, reads, goes there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from models.data.pixels import LEVEL
from models.families.flow import Flow, bits_per_dim, denoise, log_prob
from models.procedures.flow import FlowDecoder, FlowEncoder, FlowRoundTrip, FlowSampler
from models.runtime.errors import WrongShapeError
from models.training.recipes.flow import FashionFlowRecipe
from tests.models.tiny import gray_pictures, pictures, together

if TYPE_CHECKING:
    from models.families.flow import FlowBlock
    from models.runtime.architecture import AnySampler


def test_a_round_trip_ends_where_it_began(flow: Flow) -> None:
    sampler = FlowRoundTrip(flow)
    images = pictures(2, 8)
    request = sampler.request(seed=1, images=images)
    state = sampler.start(request)
    phases = []
    while not state.done:
        sampler.step([state])
        phases.append(sampler.preview(state).extras["phase"])
    assert phases == ["forward"] * 3 + ["inverse"] * 3
    view = sampler.finish(state)
    assert view.extras["error"] < 1e-3 * 2
    assert (view.images - images).abs().max() < 2 / 255 + 1e-3
    z, logdet = flow(flow.unpatchify(state.given))
    density = log_prob(z, logdet)
    assert torch.allclose(view.extras["log_prob"], density, atol=1e-2)
    assert torch.allclose(view.extras["bits_per_dim"], bits_per_dim(density, 192), atol=1e-4)


def test_the_path_and_the_shares_of_the_likelihood_are_kept(flow: Flow) -> None:
    sampler, images = FlowRoundTrip(flow), pictures(2, 8)
    view = sampler.run(sampler.request(seed=1, images=images))
    path, logdets = view.extras["path"], view.extras["logdets"]
    assert path.shape == (7, 2, 3, 8, 8)
    assert torch.equal(path[-1], view.images)
    assert all(torch.allclose(path[i], path[6 - i], atol=1e-3) for i in range(3))
    assert logdets.shape == (3, 2)
    state = sampler.start(sampler.request(seed=1, images=images))
    _, expected = flow(flow.unpatchify(state.given))
    assert torch.allclose(logdets.sum(0), expected, atol=1e-3)


def test_decoding_what_was_encoded_gives_the_images(flow: Flow) -> None:
    images = pictures(2, 8)
    z = FlowEncoder(flow).run(FlowEncoder(flow).request(n=2, images=images)).extras["z"]
    decoded = FlowDecoder(flow).run(FlowDecoder(flow).request(latents=z)).images
    assert (decoded - images).abs().max() < 1 / 255 + 1e-3  # half a level of dequantization


def test_pixels_are_dequantized_by_seed_and_row_within_their_level(flow: Flow) -> None:
    encoder, images = FlowEncoder(flow), pictures(1, 8).expand(3, -1, -1, -1)
    added = [
        encoder.start(encoder.request(seed=seed, images=images[:n])).x - flow.patchify(images[:n])
        for seed, n in ((0, 3), (0, 1), (1, 1))
    ]
    assert torch.equal(added[0][:1], added[1])
    assert not torch.equal(added[0][0], added[0][1])
    assert not torch.equal(added[1], added[2])
    assert added[0].abs().max() <= LEVEL / 2 + 1e-6


def test_a_sample_is_the_inverse_of_its_noise(flow: Flow) -> None:
    sampler = FlowSampler(flow)
    state = sampler.start(sampler.request(n=2, seed=3, temperature=0.7, guidance_scale=1.0))
    z = state.x.clone()
    while not state.done:
        sampler.step([state])
    expected = denoise(flow, flow.inverse(z)).clamp(-1, 1)
    assert torch.allclose(sampler.finish(state).images, expected, atol=1e-5)


def test_noise_is_taken_off_only_where_there_was_some(flow: Flow, gray: Flow) -> None:
    assert flow.noise > 0
    assert gray.noise == 0
    assert FlowSampler(flow).start(FlowSampler(flow).request()).total == len(flow.blocks) + 1
    assert FlowSampler(gray).start(FlowSampler(gray).request()).total == len(gray.blocks)
    assert FlowDecoder(flow).start(FlowDecoder(flow).request(latents=pictures(1, 8))).total == len(
        flow.blocks
    )
    sampler = FlowSampler(gray)
    request = sampler.request(n=2, seed=3, guidance_scale=1.0)
    z = sampler.start(request).x
    images = sampler.run(request).images
    assert torch.allclose(images[:, :1], gray.inverse(z).clamp(-1, 1), atol=1e-5)


def test_gray_images_are_shown_as_three_equal_channels(gray: Flow) -> None:
    images = gray_pictures(2)
    plays: list[tuple[AnySampler, dict[str, Any]]] = [
        (FlowSampler(gray), {"n": 2, "seed": 1}),
        (FlowEncoder(gray), {"images": images}),
        (FlowRoundTrip(gray), {"images": images}),
    ]
    for sampler, values in plays:
        state = sampler.start(sampler.request(**values))
        views = [sampler.preview(state)]
        while not state.done:
            sampler.step([state])
            views.append(sampler.preview(state))
        for view in views:
            assert view.images.shape == (2, 3, 8, 8)
            assert torch.equal(view.images, view.images[:, :1].expand(-1, 3, -1, -1))
    assert (views[-1].images[:, :1] - images).abs().max() < 2 / 255 + 1e-3


def test_a_round_trip_without_images_sends_gray_pixels(gray: Flow) -> None:
    view = FlowRoundTrip(gray).run(FlowRoundTrip(gray).request(n=2, seed=1))
    assert view.extras["z"].shape == (2, 1, 8, 8)
    assert view.extras["error"] < 1e-3 * 2


def test_the_likelihood_of_gray_images_is_over_their_own_values(gray: Flow) -> None:
    encoder = FlowEncoder(gray)
    state = encoder.start(encoder.request(n=2, images=gray_pictures(2)))
    density = log_prob(*gray(gray.unpatchify(state.given)))
    while not state.done:
        encoder.step([state])
    bits = encoder.preview(state).extras["bits_per_dim"]
    assert torch.allclose(bits, bits_per_dim(density, 64), atol=1e-4)


def test_a_gray_flow_refuses_colors_and_a_color_flow_gray(flow: Flow, gray: Flow) -> None:
    kinds: tuple[type[Any], ...] = (FlowEncoder, FlowDecoder, FlowRoundTrip)
    for kind in kinds:
        (name,) = kind.takes
        for sampler, images in ((kind(gray), pictures(1, 8)), (kind(flow), gray_pictures(1))):
            with pytest.raises(WrongShapeError) as refusal:
                sampler.start(sampler.request(**{name: images}))
            assert refusal.value.values["shape"] == sampler.flow.shape


def test_the_flow_of_photos_takes_28_gray_pixels_without_noise() -> None:
    flow = Flow(**FashionFlowRecipe.arguments).eval()
    photos = gray_pictures(2, 28)
    view = FlowEncoder(flow).run(FlowEncoder(flow).request(n=2, images=photos))
    assert view.extras["z"].shape == photos.shape
    assert view.images.shape == (2, 3, 28, 28)
    blocks = cast("list[FlowBlock]", list(flow.blocks))
    assert [block.components > 0 for block in blocks] == [True, False]
    assert FlowSampler(flow).start(FlowSampler(flow).request()).total == len(flow.blocks)
    with pytest.raises(WrongShapeError):
        FlowEncoder(flow).start(FlowEncoder(flow).request(images=pictures(2, 28)))


def test_requests_share_a_step_of_the_gray_flow(gray: Flow) -> None:
    sampler = FlowSampler(gray)
    requests = [
        sampler.request(n=2, seed=1, temperature=0.5),
        sampler.request(n=1, seed=2, guidance_scale=1.0),
        sampler.request(n=1, seed=3, guidance_scale=4.0),
    ]
    for request, view in zip(requests, together(sampler, requests), strict=True):
        assert torch.allclose(sampler.run(request).images, view.images, atol=1e-4)


def test_a_view_shows_images_at_full_and_noise_at_a_third_of_its_range(flow: Flow) -> None:
    images = pictures(1, 8) * 0.9
    sampler = FlowRoundTrip(flow)
    state = sampler.start(sampler.request(images=images))
    assert (sampler.preview(state).images - images).abs().max() < 1 / 127.5
    for _ in range(3):
        sampler.step([state])
    z = flow.unpatchify(state.x)
    assert torch.allclose(sampler.preview(state).images, (z / 3).clamp(-1, 1), atol=1e-6)


def test_temperature_scales_the_noise(flow: Flow) -> None:
    cold, hot = (
        FlowSampler(flow).start(FlowSampler(flow).request(n=2, seed=3, temperature=t)).x
        for t in (0.5, 1.0)
    )
    assert torch.allclose(cold, 0.5 * hot)


@pytest.mark.parametrize("temperature", [-0.1, 2.5])
def test_temperature_has_limits(flow: Flow, temperature: float) -> None:
    with pytest.raises(ValueError, match="low=0, high=2"):
        FlowSampler(flow).start(FlowSampler(flow).request(temperature=temperature))


def test_guidance_changes_the_way_back_alone(flow: Flow) -> None:
    sampler = FlowSampler(flow)
    plain, guided = (
        sampler.run(sampler.request(n=2, seed=3, guidance_scale=scale)).images
        for scale in (1.0, 3.0)
    )
    assert (plain - guided).abs().max() > 0.01
    z = sampler.start(sampler.request(n=2, seed=3, guidance_scale=3.0)).x
    assert torch.equal(z, sampler.start(sampler.request(n=2, seed=3)).x)


@pytest.mark.parametrize("scale", [0.9, 10.5])
def test_guidance_has_limits(flow: Flow, scale: float) -> None:
    with pytest.raises(ValueError, match="low=1, high=10"):
        FlowSampler(flow).start(FlowSampler(flow).request(guidance_scale=scale))


def test_images_of_another_size_are_refused(flow: Flow) -> None:
    with pytest.raises(WrongShapeError):
        FlowEncoder(flow).start(FlowEncoder(flow).request(images=pictures(1, 16)))
