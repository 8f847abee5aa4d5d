"""Tensors to PNG, WebP and back."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import TYPE_CHECKING, Any
from warnings import simplefilter

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile
from torch import Tensor

from app.deck.images import SMALL, data_uri, decode_image, grid, heat, jpeg, png, webp

if TYPE_CHECKING:
    from collections.abc import Callable


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


def as_text(image: Image.Image, kind: str, **options: Any) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data).to_bytes(4, "big")
    return len(data).to_bytes(4, "big") + kind + data + check


def blank_png(side: int, *chunks: bytes) -> str:
    """A white 1-bit PNG, in a few hundred bytes and without Pillow, which would refuse it."""
    size = side.to_bytes(4, "big")
    rows = zlib.compress(bytes(side * (1 + (side + 7) // 8)) if side < 5000 else bytes(10_000))
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + b"\x01\x00\x00\x00\x00")
    file += b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return base64.b64encode(file).decode()


BROKEN = {
    "empty": "",
    "no base64": "%%%",
    "no ascii": "ä" * 8,
    "no image": base64.b64encode(b"hello").decode(),
    "another kind": as_text(Image.new("RGB", (4, 4)), "GIF"),
    "cut off": as_text(Image.new("RGB", (64, 64)), "PNG")[:40],
    "no pixels": blank_png(0),
    "text bomb": blank_png(64, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000)))),
    "a wrong chunk": blank_png(64, chunk(b"iCCP", b"")),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_image_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="an image must be a PNG, JPEG or WebP file"):
        decode_image(BROKEN[kind], 64)


@pytest.mark.parametrize("side", [2001, 9_500, 14_000, 20_000, 60_000])
@pytest.mark.parametrize("warnings", ["ignore", "error"])
@pytest.mark.filterwarnings("default")
def test_a_huge_image_is_refused_before_it_is_decoded(
    side: int, warnings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise AssertionError("decoded")

    simplefilter(warnings, Image.DecompressionBombWarning)  # type: ignore[arg-type]
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(ValueError, match="an image may have at most 4,000,000 pixels"):
        decode_image(blank_png(side), 64)


@pytest.mark.parametrize(
    "error", [OSError, SyntaxError, struct.error, IndexError, MemoryError, OverflowError, EOFError]
)
def test_whatever_a_decoder_raises_is_said_in_words(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise error("deep inside")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(ValueError, match="an image must be"):
        decode_image(as_text(Image.new("RGB", (64, 64)), "PNG"), 64)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_read_upright(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (64, 64), "white")
    upright.paste("red", (0, 0, 32, 32))
    upright.paste("blue", (32, 0, 64, 32))
    how_held = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the inverse of what a viewer does
    held = upright
    if orientation > 1:
        held = upright.transpose(Image.Transpose(how_held[orientation]))
    exif = Image.Exif()
    exif[274] = orientation
    options: dict[str, Any] = {"exif": exif}
    options |= {"quality": 95} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    read = decode_image(as_text(held, kind, **options), 2)
    wanted = torch.tensor([[[1, -1], [1, 1]], [[-1, -1], [1, 1]], [[-1, 1], [1, 1]]]).float()
    assert (read - wanted).abs().max() < 0.1


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_exif_that_cannot_be_read_does_not_spoil_the_picture() -> None:
    image = Image.new("RGB", (64, 64), "teal")
    text = as_text(image, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffbroken")
    assert (decode_image(text, 1).flatten() - torch.tensor([-1, 0, 0])).abs().max() < 0.05


@pytest.mark.parametrize("level", [0, 100, 128, 255])
def test_16_bits_of_gray_keep_their_value(level: int) -> None:
    gray = Image.fromarray(np.full((64, 64), level * 257, dtype=np.uint16))
    assert gray.mode == "I;16"
    read = decode_image(as_text(gray, "PNG"), 64)
    assert torch.allclose(read, torch.full((3, 64, 64), level / 127.5 - 1), atol=1e-6)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_other_kinds_of_pixels_keep_their_value(mode: str) -> None:
    for value in (0, 255):
        image = Image.new("L", (64, 64), value).convert(mode)
        read = decode_image(as_text(image, "PNG"), 64)
        assert (read == value / 127.5 - 1).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_white(mode: str) -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 64, 32))
    read = decode_image(as_text(image.convert("RGBA" if mode == "PA" else mode), "PNG"), 2)
    assert (read[:, 1] == 1).all()
    if mode == "PA":
        image = image.convert("P")
        image.info["transparency"] = image.getpixel((0, 60))
        read = decode_image(as_text(image, "PNG"), 2)
        assert (read[:, 1] == 1).all()
        assert (read[0, 0] == 1).all()
    if mode != "LA":
        assert (read[1, 0] == -1).all()


def test_other_colours_of_a_jpeg_keep_their_value() -> None:
    image = Image.new("RGB", (64, 64), "teal").convert("CMYK")
    read = decode_image(as_text(image, "JPEG", quality=95), 1).flatten()
    assert (read - torch.tensor([-1, 0, 0])).abs().max() < 0.05


def test_the_middle_is_cut_out() -> None:
    image = Image.new("RGB", (192, 64), "red")
    image.paste("blue", (64, 0, 128, 64))
    assert (decode_image(as_text(image, "PNG"), 64)[2] == 1).all()
