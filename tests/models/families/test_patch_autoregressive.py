"""Order, exactness and sampling of the autoregressive model of pixels."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from models.data.pixels import LEVELS
from models.families.patch_autoregressive import (
    GRID,
    PATCH,
    PATCHES,
    PIXELS,
    REACH,
    SIDE,
    UNKNOWN,
    WINDOW,
    PatchGPT,
    brightness,
    draw,
    neighbours,
    patchify,
    pixel_nats,
    to_levels,
    to_pixels,
    unpatchify,
)


def random_patches(n: int) -> Tensor:
    return torch.randint(LEVELS, (n, PATCHES, PIXELS))


def test_patches_are_put_back() -> None:
    images = torch.randn(2, SIDE, SIDE)
    patches = patchify(images)
    assert patches.shape == (2, PATCHES, PIXELS)
    assert torch.equal(unpatchify(patches), images)
    other = torch.randn(2, PATCHES, PIXELS)
    assert torch.equal(patchify(unpatchify(other)), other)


def test_patches_and_their_pixels_go_row_by_row() -> None:
    image = torch.arange(SIDE**2).view(1, SIDE, SIDE)
    patches = patchify(image)[0]
    for i, j in ((0, 0), (0, 5), (3, 7), (GRID + 2, 9), (PATCHES - 1, PIXELS - 1)):
        row, column = PATCH * (i // GRID) + j // PATCH, PATCH * (i % GRID) + j % PATCH
        assert patches[i, j] == image[0, row, column]


def test_levels_are_put_back() -> None:
    levels = torch.arange(LEVELS)
    assert torch.equal(to_levels(to_pixels(levels)), levels)
    assert to_pixels(levels)[[0, -1]].tolist() == [-1, 1]
    pixels = torch.rand(100) * 2 - 1
    assert (to_pixels(to_levels(pixels)) - pixels).abs().max() <= 1 / 255 + 1e-6
    assert to_levels(torch.tensor([-1.1, 1.1])).tolist() == [0, 255]


def test_brightness_tells_black_from_unknown() -> None:
    values, black = brightness(torch.tensor([0, 255, LEVELS])).view(2, 3)
    assert values.tolist() == [-1, 1, 0]
    assert black.tolist() == [1, 0, 0]


def test_neighbours_are_the_earlier_ones_of_the_pixels_around() -> None:
    found = neighbours()
    assert found.shape == (PATCHES, PIXELS, WINDOW)
    own = torch.arange(UNKNOWN).view(PATCHES, PIXELS, 1)
    known = found != UNKNOWN
    assert (found < own)[known].all()
    assert (found[..., WINDOW // 2] == UNKNOWN).all()
    places = patchify(torch.arange(SIDE**2).view(1, SIDE, SIDE)).flatten()  # in reading order
    rank = {place: order for order, place in enumerate(places.tolist())}
    for pixel in (0, 5, 250, 400, UNKNOWN - 1):
        row, column = divmod(int(places[pixel]), SIDE)
        expected = []
        for y in range(row - REACH, row + REACH + 1):
            for x in range(column - REACH, column + REACH + 1):
                order = rank[y * SIDE + x] if 0 <= y < SIDE and 0 <= x < SIDE else UNKNOWN
                expected.append(order if order < pixel else UNKNOWN)
        assert found.flatten(0, 1)[pixel].tolist() == expected


def test_a_patch_lies_within_the_window_of_its_last_pixel() -> None:
    last = neighbours()[10, -1]
    assert set(range(10 * PIXELS, 11 * PIXELS - 1)) <= set(last.tolist())


@pytest.mark.parametrize(("patch", "pixel"), [(0, 0), (17, 6), (30, 15), (48, 0)])
def test_no_pixel_s_logits_depend_on_itself_or_a_later_one(
    pixel_gpt: PatchGPT, patch: int, pixel: int
) -> None:
    patches = random_patches(2)
    changed = patches.clone()
    changed[:, patch, pixel] = (changed[:, patch, pixel] + 100) % LEVELS
    gap = (pixel_gpt(patches) - pixel_gpt(changed)).abs().amax((0, 3)).flatten()
    here = patch * PIXELS + pixel
    assert gap[: here + 1].max() < 1e-5
    assert gap[here + 1] > 1e-4  # its neighbour sees it
    assert (gap[(patch + 1) * PIXELS :] > 1e-6).all()  # every later patch has read it


def test_the_logits_of_all_pixels_have_levels(pixel_gpt: PatchGPT) -> None:
    assert pixel_gpt(random_patches(3)).shape == (3, PATCHES, PIXELS, LEVELS)


def test_draws_follow_the_cumulative_distribution() -> None:
    chances = torch.zeros(LEVELS)
    chances[[3, 10, 200]] = torch.tensor([0.2, 0.5, 0.3])
    uniforms = torch.tensor([0.0, 0.1, 0.199, 0.201, 0.699, 0.701, 0.9999999])
    logits = chances.log().expand(len(uniforms), -1)
    one = torch.ones(len(uniforms), 1, dtype=torch.float64)
    assert draw(logits, one, uniforms).tolist() == [3, 3, 3, 10, 10, 200, 200]


def test_draws_have_the_model_s_probabilities() -> None:
    n, logits = 20_000, torch.randn(LEVELS)
    temperature = torch.full((n, 1), 0.5, dtype=torch.float64)
    drawn = draw(logits.expand(n, -1), temperature, torch.rand(n))
    share = torch.bincount(drawn, minlength=LEVELS) / n
    assert torch.allclose(share, (logits / 0.5).softmax(0), atol=0.005)


def test_each_row_has_its_own_temperature() -> None:
    logits = torch.randn(3, LEVELS)
    temperature = torch.tensor([[0.0], [0.0], [1.0]], dtype=torch.float64)
    for uniform in (0.0, 0.3, 0.999):
        drawn = draw(logits, temperature, torch.full((3,), uniform))
        assert torch.equal(drawn[:2], logits.argmax(1)[:2])
        reached = logits[2].softmax(0).cumsum(0)[drawn[2]]
        assert reached > uniform
        assert reached - logits[2].softmax(0)[drawn[2]] <= uniform + 1e-6


def test_an_undecided_network_pays_eight_bits_a_pixel(pixel_gpt: PatchGPT) -> None:
    undecided = PatchGPT(dim=12, layers=1, local_dim=8, local_layers=1)
    nn.init.zeros_(undecided.head.weight)
    nn.init.zeros_(undecided.head.bias)
    images = to_pixels(unpatchify(random_patches(2)))[:, None]
    with torch.inference_mode():
        assert undecided.bits_per_dim(images).tolist() == pytest.approx([8, 8], abs=1e-5)
        assert (pixel_gpt.bits_per_dim(images) - 8).abs().min() > 1e-3


def test_bits_are_those_of_the_chosen_levels_whatever_the_batch(pixel_gpt: PatchGPT) -> None:
    patches = random_patches(3)
    images = to_pixels(unpatchify(patches))[:, None]
    with torch.inference_mode():
        chosen = pixel_gpt(patches).log_softmax(-1).gather(-1, patches[..., None])
        expected = -chosen.flatten(1).mean(1) / math.log(2)
        assert torch.allclose(pixel_gpt.bits_per_dim(images), expected, atol=1e-4)
        assert torch.allclose(pixel_gpt.bits_per_dim(images[1:2]), expected[1:2], atol=1e-4)


def test_the_loss_is_the_negative_log_probability_of_each_pixel() -> None:
    logits = torch.randn(2, PATCHES, PIXELS, LEVELS)
    patches = torch.randint(LEVELS, (2, PATCHES, PIXELS))
    nats = pixel_nats(logits, patches)
    assert nats.shape == patches.shape
    expected = -logits.log_softmax(-1)[1, 3, 5, patches[1, 3, 5]]
    assert nats[1, 3, 5].item() == pytest.approx(expected.item(), rel=1e-5)
