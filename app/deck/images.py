"""Tensors to PNG, WebP, JPEG and back: the only place where pixels leave or enter as files."""

from __future__ import annotations

import base64
import io
import math

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from models.data.pixels import from_file, to_file

MAX_PIXELS = 4_000_000
NO_IMAGE = "an image must be a PNG, JPEG or WebP file, in JSON base64-encoded"
TOO_LARGE = f"an image may have at most {MAX_PIXELS:,} pixels"
SMALL = 64 * 64
"""Pixels of one face: alone it is drawn so large that a JPEG's blocks would be seen."""


def grid(images: Tensor, columns: int | None = None, gap: int = 0) -> Tensor:
    """Lay n images out in one, [n, 3, H, W] → [3, rows·H, columns·W]; gaps are white."""
    n, channels, height, width = images.shape
    columns = columns or math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    out = images.new_ones(channels, rows * (height + gap) - gap, columns * (width + gap) - gap)
    for i, image in enumerate(images):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        out[:, top : top + height, left : left + width] = image
    return out


def _file(image: Tensor, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(to_file(image[None])[0].numpy()).save(buffer, kind, **options)
    return buffer.getvalue()


def png(image: Tensor) -> bytes:
    """One image, float [3, H, W] in [-1, 1], as a PNG file."""
    return _file(image, "PNG", compress_level=3)


def webp(image: Tensor) -> bytes:
    """One image, float [3, H, W] in [-1, 1], as a lossless WebP: a quarter of the time of PNG."""
    return _file(image, "WEBP", lossless=True, quality=0, method=0)


def jpeg(image: Tensor) -> bytes:
    """One image, float [3, H, W] in [-1, 1], as a JPEG file with colours at full resolution.

    Noise, which no lossless file makes smaller, takes 60% of its bytes and a tenth of the time;
    faces take a third.
    """
    return _file(image, "JPEG", quality=85, subsampling="4:4:4")


def data_uri(image: Tensor, exact: bool = True) -> str:
    """An image as a ``data:`` address.

    Args:
        exact: a lossless file, which one face alone always is, and not a smaller one that looks the
            same in motion.
    """
    if exact or image[0].numel() <= SMALL:
        return "data:image/webp;base64," + base64.b64encode(webp(image)).decode()
    return "data:image/jpeg;base64," + base64.b64encode(jpeg(image)).decode()


def heat(values: Tensor, columns: int, limit: float) -> Tensor:
    """Signed values [d] as a small heat map [3, rows, columns]: blue below zero, red above.

    Args:
        values: any length; padded with zeros to full rows.
        columns: values a row.
        limit: magnitude drawn in full colour.
    """
    rows = math.ceil(len(values) / columns)
    padded = torch.zeros(rows * columns)
    padded[: len(values)] = (values / limit).clamp(-1, 1)
    v = padded.view(rows, columns)
    up, down = v.clamp(min=0), (-v).clamp(min=0)
    red = 1 - 1.3 * down
    green = 1 - 1.1 * up - 0.8 * down
    blue = 1 - 1.4 * up
    return torch.stack([red, green, blue]).clamp(-1, 1)


def decode_image(text: str, side: int) -> Tensor:
    """A base64 PNG, JPEG or WebP as :func:`read_image` reads it.

    Raises:
        ValueError: not base64; see also there.
    """
    try:
        data = base64.b64decode(text.split(",", 1)[-1], validate=True)
    except ValueError as error:
        raise ValueError(NO_IMAGE) from error
    return read_image(data, side)


def read_image(data: bytes, side: int) -> Tensor:
    """A PNG, JPEG or WebP file as float [3, side, side] in [-1, 1], cropped square and resized.

    A photograph is turned upright, 16 bits a value become 8, what is transparent becomes white.

    Raises:
        ValueError: not such an image, or more than :data:`MAX_PIXELS`, in which case nothing is
            decoded.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            square = _square(_opaque(_upright(image)), side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(TOO_LARGE) from error
    except Exception as error:
        # Decoders raise whatever a broken file leads them to: OSError, SyntaxError, struct.error …
        raise ValueError(NO_IMAGE) from error
    return from_file(torch.from_numpy(np.array(square))[None])[0]


def _upright(image: Image.Image) -> Image.Image:
    """A photograph as it is to be seen; a camera stores how it was held (EXIF, tag 274)."""
    try:
        turned = ImageOps.exif_transpose(image)
    except Exception:  # of an EXIF block that cannot be read; the pixels may be sound
        return image
    return turned


def _opaque(image: Image.Image) -> Image.Image:
    """As RGB of 8 bits."""
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would clip at 255
        levels = np.asarray(image).astype(np.float32) / 257
        return Image.fromarray(levels.round().clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")


def _square(image: Image.Image, side: int) -> Image.Image:
    """The largest square in the middle, resized."""
    length = min(image.size)
    left, top = (image.width - length) // 2, (image.height - length) // 2
    box = (left, top, left + length, top + length)
    return image.resize((side, side), Image.Resampling.BOX, box=box)
