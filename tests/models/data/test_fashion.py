"""Fashion-MNIST from IDX files, compressed or not, and what is said when they are missing."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from models.data.fashion import CLASSES, DatasetError, fashion, read_idx

if TYPE_CHECKING:
    from pathlib import Path

IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def idx(values: Tensor) -> bytes:
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    return header + bytes(values.flatten().tolist())


@pytest.fixture
def pixels() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    values = torch.randint(0, 256, (5, 28, 28), dtype=torch.uint8, generator=generator)
    values[0, 0, :2] = torch.tensor([0, 255])
    return values


@pytest.fixture
def folder(tmp_path: Path, pixels: Tensor) -> Path:
    (tmp_path / IMAGES).write_bytes(idx(pixels))
    (tmp_path / LABELS).write_bytes(idx(torch.tensor([0, 9, 3, 3, 1])))
    return tmp_path


def test_images_and_labels_are_read(folder: Path, pixels: Tensor) -> None:
    split = fashion("test", folder)
    assert split.images.shape == (5, 1, 28, 28)
    assert torch.equal(((split.images[:, 0] + 1) * 127.5).round().to(torch.uint8), pixels)
    assert split.images[0, 0, 0, :2].tolist() == [-1, 1]
    assert split.labels.tolist() == [0, 9, 3, 3, 1]
    assert CLASSES[split.labels[1]] == "ankle boot"
    assert len(split) == 5


def test_compressed_files_give_the_same(folder: Path) -> None:
    plain = fashion("test", folder)
    for name in (IMAGES, LABELS):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    packed = fashion("test", folder)
    assert torch.equal(packed.images, plain.images)
    assert torch.equal(packed.labels, plain.labels)


def test_the_folder_may_come_from_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_MNIST", str(folder))
    assert len(fashion("test")) == 5


def test_missing_files_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as error:
        fashion("train", tmp_path)
    said = str(error.value)
    assert "train-images-idx3-ubyte" in said
    assert "apt-get install dataset-fashion-mnist" in said
    assert "FASHION_MNIST" in said


def test_an_unknown_split_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="validation"):
        fashion("validation", folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:10],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: b"\x89PNG" + data[4:],
        lambda data: data[:2] + b"\x0d" + data[3:],
    ],
    ids=["empty", "cut header", "cut body", "too long", "other file", "other type"],
)
def test_damaged_files_are_named(folder: Path, damage: object) -> None:
    assert callable(damage)
    path = folder / IMAGES
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DatasetError, match=IMAGES):
        read_idx(path)


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / f"{IMAGES}.gz"
    packed = bytearray(gzip.compress(idx(torch.arange(200).view(2, 10, 10))))
    packed[-20:] = bytes(20)
    path.write_bytes(packed)
    with pytest.raises(DatasetError, match=IMAGES):
        read_idx(path)


def test_images_and_labels_must_agree(folder: Path) -> None:
    (folder / LABELS).write_bytes(idx(torch.tensor([1, 2])))
    with pytest.raises(DatasetError, match="do not fit together"):
        fashion("test", folder)
