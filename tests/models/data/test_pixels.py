"""Levels, floats, the order of files, and sheets."""

from __future__ import annotations

import pytest
import torch

from models.data.pixels import (
    LEVEL,
    LEVELS,
    dequantize,
    from_file,
    from_levels,
    sheet,
    to_file,
    to_levels,
)


def test_every_level_comes_back() -> None:
    levels = torch.arange(LEVELS, dtype=torch.uint8)
    images = from_levels(levels)
    assert (images[0].item(), images[-1].item()) == (-1, 1)
    assert torch.allclose(images.diff(), torch.full((LEVELS - 1,), LEVEL), atol=1e-6)
    assert torch.equal(to_levels(images), levels)


def test_pixels_outside_the_range_are_clipped_and_others_rounded() -> None:
    images = torch.tensor([-7.0, -1 + 0.4 * LEVEL, -1 + 0.6 * LEVEL, 1.01, 9.0])
    assert to_levels(images).tolist() == [0, 0, 1, 255, 255]
    assert to_levels(images.bfloat16().requires_grad_()).dtype == torch.uint8


def test_levels_given_are_left_as_they_are() -> None:
    levels = torch.tensor([0.0, 255.0])
    assert from_levels(levels).tolist() == [-1, 1]
    assert levels.tolist() == [0, 255]


def test_files_have_their_channels_last() -> None:
    levels = torch.randint(0, 256, (2, 4, 5, 3), dtype=torch.uint8)
    images = from_file(levels)
    assert images.shape == (2, 3, 4, 5)
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert images[1, 2, 3, 4].item() == pytest.approx(levels[1, 3, 4, 2].item() / 127.5 - 1)
    assert torch.equal(to_file(images), levels)


def test_dequantized_pixels_stay_on_their_level() -> None:
    images = from_levels(torch.randint(0, 256, (1000,)))
    spread = dequantize(images, torch.rand(1000))
    assert torch.equal((spread + 1).div(LEVEL).round(), (images + 1).div(LEVEL).round())
    gaps = (spread - images) / LEVEL
    assert gaps.std().item() == pytest.approx(12**-0.5, abs=0.02)


def test_a_sheet_goes_row_by_row_and_ends_white() -> None:
    images = torch.linspace(-1, 1, 10)[:, None, None, None].expand(10, 3, 4, 6)
    laid = sheet(images, columns=8)
    assert laid.shape == (8, 48, 3)
    assert (laid[:4, :6] == 0).all()
    assert (laid[4:, 6:12] == 255).all()
    assert (laid[4:, 12:] == 255).all()
    assert (laid[:4, 6:12] == 28).all()
