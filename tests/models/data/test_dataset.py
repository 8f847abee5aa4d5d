"""A split as tensors: batches, parts, labels, captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from models.data import dataset
from models.data.captions.plain import full_caption
from models.data.captions.tokenizer import MAX_TOKENS, tokenizer
from models.data.dataset import Faces, Landscapes, Worlds, halved
from models.data.faces import compose, render
from models.data.landscapes import composition, drawing
from models.data.pixels import from_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faces:
    """Five of the smallest split."""
    monkeypatch.setattr(dataset, "RUNS", tmp_path)
    return Faces("combo", 5)


def test_faces_are_those_of_the_split(faces: Faces) -> None:
    assert len(faces) == 5
    first = from_file(torch.from_numpy(render(compose("combo", 3)).copy())[None])
    assert torch.equal(faces.take(np.array([3])), first)
    assert faces.attributes(3) == compose("combo", 3).attributes
    assert faces.labels(slice(3, 4)).tolist() == [compose("combo", 3).attributes.indices()]


@pytest.mark.parametrize("size", [32, 64, 128])
def test_landscapes_are_those_of_the_split(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "RUNS", tmp_path)
    shown = Landscapes("combo", 4, size)
    assert (tmp_path / "landscapes").is_dir()
    images = shown.take(slice(0, 4))
    assert images.shape == (4, 3, size, size)
    assert images.min() >= -1
    assert images.max() <= 1
    scenes = [composition.compose("combo", i) for i in range(4)]
    assert [shown.attributes(i) for i in range(4)] == [s.attributes for s in scenes]
    assert shown.labels(slice(0, 4)).tolist() == [s.attributes.indices() for s in scenes]
    assert shown.visible(np.arange(4)).tolist() == [list(s.attributes.visible()) for s in scenes]
    if size > 32:
        drawn = np.stack([drawing.render(scene, size) for scene in scenes])
        assert torch.equal(images, from_file(torch.from_numpy(drawn)))


def test_faces_say_what_can_be_seen_of_each(faces: Faces) -> None:
    seen = [list(faces.attributes(i).visible()) for i in range(5)]
    assert faces.visible(slice(0, 5)).tolist() == seen


def test_parts_are_all_faces_in_order(faces: Faces) -> None:
    parts = list(faces.parts(2))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert torch.equal(torch.cat(parts), faces.take(slice(0, 5)))


def test_batches_are_random_rows(faces: Faces) -> None:
    images, rows = faces.draw(64)
    assert set(rows) == set(range(5))
    assert torch.equal(images, faces.take(rows))


def test_a_full_caption_is_always_the_same_and_a_varied_one_true(faces: Faces) -> None:
    rows = np.arange(5)
    full = faces.captions(rows, full=True)
    assert torch.equal(full, faces.captions(rows, full=True))
    expected = tokenizer().encode_batch([full_caption(faces.attributes(int(i))) for i in rows])
    assert torch.equal(full, expected)
    assert not torch.equal(faces.captions(rows), faces.captions(rows))


def test_small_faces_are_means_of_four_pixels() -> None:
    images = np.arange(2 * 4 * 6 * 3, dtype=np.uint8).reshape(2, 4, 6, 3)
    small = halved(images)
    assert small.shape == (2, 2, 3, 3)
    assert small.dtype == np.uint8
    mean = images[1, 2:4, 4:6, 1].astype(float).mean()
    assert abs(small[1, 1, 2, 1] - mean) <= 0.5


def test_both_worlds_have_one_numbering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "RUNS", tmp_path)
    both = Worlds("combo", 3)
    faces, landscapes = both.worlds
    assert len(both) == 6
    rows = np.array([5, 0, 3])
    assert torch.equal(both.take(rows)[1:2], faces.take(slice(0, 1)))
    assert torch.equal(both.take(rows)[::2], landscapes.take(np.array([2, 0])))
    assert both.attributes(4) == landscapes.attributes(1)
    assert torch.equal(both.both(5), both.take(np.array([0, 3, 1, 4, 2])))
    assert len(both.both(100)) == 6
    assert len(Worlds("combo", 3, landscapes=2).both(100)) == 4
    assert torch.equal(torch.cat(list(both.parts(2))), both.take(np.arange(6)))
    images, drawn = both.draw(32)
    assert set(drawn) == set(range(6))
    assert torch.equal(images, both.take(drawn))
    assert both.captions(rows).shape == (3, MAX_TOKENS)
