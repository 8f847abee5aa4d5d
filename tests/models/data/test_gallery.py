"""The shipped gallery is faces 0 to 255 of the test split."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.data.captions import full_caption
from models.data.faces import compose, render
from models.data.gallery import COUNT, gallery


@pytest.mark.parametrize("size", [64, 128])
def test_shape_and_range(size: int) -> None:
    images = gallery(size).images
    assert images.shape == (COUNT, 3, size, size)
    assert images.min() >= -1
    assert images.max() <= 1
    assert images.min() < -0.9
    assert images.max() > 0.9
    assert len(gallery(size)) == COUNT


@pytest.mark.parametrize("size", [64, 128])
@pytest.mark.parametrize("index", [0, 17, 128, 255])
def test_shipped_faces_are_what_a_fresh_render_gives(size: int, index: int) -> None:
    fresh = torch.from_numpy(np.array(render(compose("test", index), size))).permute(2, 0, 1)
    shipped = (gallery(size).images[index] + 1) * 127.5
    assert torch.equal(shipped.round().to(torch.uint8), fresh)


def test_captions_and_attributes_belong_to_the_faces() -> None:
    shown = gallery()
    for index in range(COUNT):
        attributes = compose("test", index).attributes
        assert shown.attributes[index] == attributes
        assert shown.captions[index] == full_caption(attributes)


def test_it_is_read_once() -> None:
    assert gallery(64) is gallery(64)


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="64 or 128 pixels, not 32"):
        gallery(32)
