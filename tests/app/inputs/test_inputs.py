"""Inputs are named by their content, and kept within bounds."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.inputs import KINDS, InputGoneError, Inputs
from app.inputs.kinds import preview

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """Time that passes when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def picture(color: str, size: tuple[int, int] = (128, 128), kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, kind, lossless=True)
    return buffer.getvalue()


def test_equal_pictures_have_one_name_whatever_the_file() -> None:
    inputs = Inputs()
    names = [inputs.put("picture", picture("teal", (100, 90), k)) for k in ("PNG", "WEBP")]
    assert names[0] == names[1] != inputs.put("picture", picture("navy"))
    tensor = inputs.tensor("picture", names[0])
    assert tensor.shape == (1, 3, 128, 128)
    assert torch.allclose(tensor[0, :, 0, 0], torch.tensor([-1, 1 / 255, 1 / 255]), atol=1e-2)


@given(st.binary(min_size=512, max_size=512))
def test_a_drawing_is_spelled_out_in_its_reference(bits: bytes) -> None:
    inputs = Inputs()
    reference = inputs.put("drawing", bits)
    assert len(reference) <= 700
    assert inputs.size == 0
    assert Inputs().bytes_of("drawing", reference) == bits  # no server needs to have kept it
    tensor = inputs.tensor("drawing", reference)
    assert tensor.shape == (1, 1, 64, 64)
    assert int(tensor.sum()) == sum(byte.bit_count() for byte in bits)


def test_a_thin_line_of_a_file_is_drawn() -> None:
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).line((0, 101, 255, 101), "black")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    inputs = Inputs()
    drawn = inputs.tensor("drawing", inputs.put("drawing", buffer.getvalue()))[0, 0]
    assert drawn[25].sum() == 64
    assert drawn.sum() == 64


@given(st.binary(min_size=1, max_size=2000).filter(lambda data: len(data) % 2 == 0))
def test_points_come_back_where_they_were(data: bytes) -> None:
    inputs = Inputs()
    points = inputs.tensor("points", inputs.put("points", data))
    assert points.shape == (1, len(data) // 2, 2)
    assert (points.abs() <= 1).all()
    assert bytes(points.add(1).mul(127.5).round().byte().flatten().tolist()) == data


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("picture", b""),
        ("picture", b"GIF89a"),
        ("drawing", b"\0" * 511),
        ("points", b""),
        ("points", b"abc"),
        ("points", b"ab" * 2001),
    ],
)
def test_what_is_not_of_the_kind_is_refused_in_words(kind: str, sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"image|Points|\."):
        Inputs().put(kind, sent)


@pytest.mark.parametrize("reference", ["", "~", "~!", "0" * 32, "../secret", "~" + "A" * 800])
def test_a_reference_to_nothing_says_so(reference: str) -> None:
    with pytest.raises(InputGoneError, match="drawing"):
        Inputs().bytes_of("drawing", reference)


def test_space_is_bounded_and_what_was_used_last_stays() -> None:
    inputs = Inputs(limit=100_000)
    first, second = (inputs.put("picture", picture(c)) for c in ("red", "green"))
    inputs.bytes_of("picture", first)
    third = inputs.put("picture", picture("blue"))
    assert inputs.size <= 100_000
    for name in (first, third):
        assert inputs.bytes_of("picture", name)
    with pytest.raises(InputGoneError, match="no longer kept"):
        inputs.bytes_of("picture", second)


def test_time_is_bounded_since_the_last_use() -> None:
    clock = Clock()
    inputs = Inputs(seconds=10, clock=clock)
    name = inputs.put("picture", picture("red"))
    for clock.now in (8.0, 16.0):
        assert inputs.bytes_of("picture", name)
    clock.now = 27.0
    with pytest.raises(InputGoneError):
        inputs.bytes_of("picture", name)
    assert inputs.size == 0


def test_a_folder_keeps_links_over_a_restart(tmp_path: Path) -> None:
    name = Inputs(folder=tmp_path).put("picture", picture("red"))
    (tmp_path / "notes.txt").write_text("not an input", encoding="utf-8")
    again = Inputs(folder=tmp_path)
    assert again.bytes_of("picture", name)
    small = Inputs(limit=10, folder=tmp_path)
    assert small.size == 0
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_looked_at(kind: str) -> None:
    sent = {"points": b"\0\0\xff\xff", "picture": picture("teal")}.get(kind, b"\x80" + b"\0" * 511)
    inputs = Inputs()
    kept = inputs.bytes_of(kind, inputs.put(kind, sent))
    shown = preview(KINDS[kind], kept)
    assert shown.shape in ((3, 64, 64), (3, 128, 128))
    assert shown.abs().max() <= 1
    if kind != "picture":
        assert (shown < 0).any()


def test_references_are_safe_in_an_address() -> None:
    reference = Inputs().put("mask", bytes(range(256)) * 2)
    assert quote(reference, safe="") == reference
