"""Tensors to PNG, WebP and back."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from app.deck.images import SMALL, data_uri, decode_image, grid, heat, jpeg, png, webp


@pytest.mark.parametrize("encode", [png, webp])
def test_no_8_bit_value_is_lost(encode: Callable[[Tensor], bytes]) -> None:
    levels = torch.arange(256).view(1, 16, 16)
    sheet = torch.cat([levels, levels.flip(1), levels.flip(2)])
    with Image.open(io.BytesIO(encode(sheet / 127.5 - 1))) as image:
        assert torch.equal(torch.from_numpy(np.array(image)).permute(2, 0, 1), sheet)


def test_noise_in_motion_is_smaller_and_looks_the_same() -> None:
    noise = torch.randn(3, 128, 128, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    small = jpeg(noise)
    assert len(small) < 0.65 * len(webp(noise))
    with Image.open(io.BytesIO(small)) as image:
        seen = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 127.5 - 1
    # Measured 0.12; were colours kept at half the resolution, it would be 0.8.
    assert (seen - noise).std() < 0.15 * noise.std()


@pytest.mark.parametrize(
    ("side", "exact", "kind"),
    [(128, True, "webp"), (128, False, "jpeg"), (int(SMALL**0.5), False, "webp")],
)
def test_only_what_moves_and_is_large_may_lose_a_little(side: int, exact: bool, kind: str) -> None:
    assert data_uri(torch.zeros(3, side, side), exact).startswith(f"data:image/{kind};base64,")


def test_a_grid_sets_images_apart() -> None:
    images = torch.stack([torch.full((3, 2, 2), v) for v in (-1.0, -0.5, 0.0)])
    sheet = grid(images, columns=2, gap=1)
    assert sheet.shape == (3, 5, 5)
    assert sheet[0, 0, 0] == -1
    assert sheet[0, 0, 2] == 1  # the gap
    assert sheet[0, 0, 3] == -0.5
    assert sheet[0, 4, 0] == 0


def test_heat_tells_signs_apart() -> None:
    red, blue = heat(torch.tensor([3.0]), 1, 3.0), heat(torch.tensor([-3.0]), 1, 3.0)
    assert red[0] > red[2]
    assert blue[2] > blue[0]
    assert torch.equal(heat(torch.zeros(1), 1, 3.0), torch.ones(3, 1, 1))


def test_an_image_comes_back() -> None:
    image = torch.rand(3, 64, 64) * 2 - 1
    assert (decode_image(data_uri(image), 64) - image).abs().max() < 1 / 127


def as_text(image: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%",
        base64.b64encode(b"hello").decode(),
        as_text(Image.new("RGB", (4, 4)), "GIF"),
        as_text(Image.new("L", (3000, 3000)), "PNG"),
        as_text(Image.new("RGB", (64, 64)), "PNG")[:40],
    ],
)
def test_hostile_images_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="image"):
        decode_image(text, 64)
