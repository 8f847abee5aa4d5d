"""The shipped galleries are pictures 0 to 255 of the test splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from models.data.captions.plain import full_caption
from models.data.faces import compose, render
from models.data.gallery import COUNT, gallery, landscapes, main
from models.data.landscapes import composition, drawing
from models.data.pixels import from_levels

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [64, 128])
@pytest.mark.parametrize("shown", [gallery, landscapes])
def test_shape_and_range(shown, size: int) -> None:
    images = shown(size).images
    assert images.shape == (COUNT, 3, size, size)
    assert images.min() >= -1
    assert images.max() <= 1
    assert images.min() < -0.9
    assert images.max() > 0.9
    assert len(shown(size)) == COUNT


@pytest.mark.parametrize("size", [64, 128])
@pytest.mark.parametrize("index", [0, 17, 128, 255])
def test_shipped_landscapes_are_what_a_fresh_render_gives(size: int, index: int) -> None:
    scene = composition.compose("test", index)
    assert landscapes(size).attributes[index] == scene.attributes
    fresh = from_levels(torch.from_numpy(drawing.render(scene, size).copy()).permute(2, 0, 1))
    # The last bit of a sine differs between processors, and with it a pixel on an edge may.
    assert (landscapes(size).images[index] - fresh).abs().mean() < 1e-3


def test_written_sheets_are_those_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"COUNT": 4, "COLUMNS": 2, "FOLDERS": {"landscapes": tmp_path}}
    shipped = landscapes(64)
    for name, value in few.items():
        monkeypatch.setattr(f"models.data.gallery.{name}", value)
    monkeypatch.setattr("sys.argv", ["gallery", "landscapes"])
    main()
    again = landscapes.__wrapped__(64)
    assert again.attributes == shipped.attributes[:4]
    assert (again.images - shipped.images[:4]).abs().mean() < 1e-3


@pytest.mark.parametrize("size", [64, 128])
@pytest.mark.parametrize("index", [0, 17, 128, 255])
def test_shipped_faces_are_what_a_fresh_render_gives(size: int, index: int) -> None:
    fresh = torch.from_numpy(np.array(render(compose("test", index), size))).permute(2, 0, 1)
    shipped = (gallery(size).images[index] + 1) * 127.5
    assert torch.equal(shipped.round().to(torch.uint8), fresh)


@pytest.mark.parametrize(
    ("shown", "composed"), [(gallery, compose), (landscapes, composition.compose)]
)
def test_captions_and_attributes_belong_to_the_pictures(shown, composed) -> None:
    for index in range(COUNT):
        attributes = composed("test", index).attributes
        assert shown().attributes[index] == attributes
        assert shown().captions[index] == full_caption(attributes)


def test_it_is_read_once() -> None:
    assert gallery(64) is gallery(64)
    assert landscapes(64) is landscapes(64)


@pytest.mark.parametrize("shown", [gallery, landscapes])
def test_another_size_is_refused(shown) -> None:
    with pytest.raises(ValueError, match="64 or 128 pixels, not 32"):
        shown(32)
