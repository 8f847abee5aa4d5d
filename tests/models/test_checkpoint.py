"""Checkpoints are read whole or refused by name."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import torch
from torch import nn

from models import checkpoint
from models.checkpoint import (
    CheckpointError,
    load_card,
    load_checkpoint,
    load_into,
    save_checkpoint,
    section,
    write_card,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    weights = {"a.weight": torch.randn(40, 30), "b.count": torch.tensor(7)}
    save_checkpoint("toy", weights, {"family": "toy", "parameters": 1200}, tmp_path)
    return tmp_path


def test_weights_come_back_as_float32(tmp_path: Path) -> None:
    weights = {"w": torch.randn(5, 4), "n": torch.tensor([3, 4])}
    save_checkpoint("toy", weights, {}, tmp_path)
    loaded, _ = load_checkpoint("toy", tmp_path)
    assert loaded["w"].dtype == torch.float32
    assert torch.allclose(loaded["w"], weights["w"], atol=2e-3)
    assert torch.equal(loaded["n"], weights["n"])
    save_checkpoint("whole", weights, {}, tmp_path, half=False)
    assert torch.equal(load_checkpoint("whole", tmp_path)[0]["w"], weights["w"])


def test_the_card_describes_its_file(folder: Path) -> None:
    card = load_card("toy", folder)
    file = folder / "toy.safetensors"
    assert (card["name"], card["family"], card["file"]) == ("toy", "toy", "toy.safetensors")
    assert card["bytes"] == file.stat().st_size
    assert len(card["sha256"]) == 64


def test_others_may_read_the_file(folder: Path) -> None:
    assert (folder / "toy.safetensors").stat().st_mode & stat.S_IROTH


def test_too_large_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "MAX_BYTES", 100)
    with pytest.raises(ValueError, match="toy"):
        save_checkpoint("toy", {"w": torch.zeros(51)}, {}, tmp_path)
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_truncated_file_is_named(folder: Path) -> None:
    path = folder / "toy.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"toy\.safetensors.*sha256"):
        load_checkpoint("toy", folder)


def test_one_altered_byte_is_noticed(folder: Path) -> None:
    path = folder / "toy.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"toy\.safetensors"):
        load_checkpoint("toy", folder)


def test_a_file_that_is_no_safetensors_is_named(folder: Path) -> None:
    import hashlib

    data = b"not tensors at all"
    (folder / "toy.safetensors").write_bytes(data)
    write_card({"name": "toy", "sha256": hashlib.sha256(data).hexdigest()}, folder)
    with pytest.raises(CheckpointError, match=r"toy\.safetensors"):
        load_checkpoint("toy", folder)


@pytest.mark.parametrize("name", ["toy.safetensors", "toy.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        load_checkpoint("toy", folder)


def test_a_card_that_is_no_json_is_named(folder: Path) -> None:
    (folder / "toy.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"toy\.json"):
        load_card("toy", folder)


def test_a_card_without_a_hash_is_not_trusted(folder: Path) -> None:
    (folder / "toy.json").write_text(json.dumps({"name": "toy"}))
    with pytest.raises(CheckpointError, match="toy"):
        load_checkpoint("toy", folder)


@pytest.mark.parametrize(
    "weights",
    [
        {"weight": torch.zeros(2, 3)},
        {"weight": torch.zeros(2, 3), "bias": torch.zeros(5)},
        {"weight": torch.zeros(2, 3), "bias": torch.zeros(2), "more": torch.zeros(1)},
    ],
    ids=["missing", "shape", "surplus"],
)
def test_weights_of_another_model_are_refused(weights: dict[str, torch.Tensor]) -> None:
    with pytest.raises(CheckpointError, match=r"toy\.safetensors"):
        load_into(nn.Linear(3, 2), weights, "toy")


def test_loaded_modules_are_frozen_for_inference() -> None:
    module = nn.Linear(3, 2)
    load_into(module, {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}, "toy")
    assert not module.training
    assert not any(p.requires_grad for p in module.parameters())
    assert torch.equal(module.weight, torch.ones(2, 3))


def test_a_section_is_one_module_s_tensors() -> None:
    weights = {"g.w": torch.zeros(1), "g.b": torch.ones(1), "gg.w": torch.ones(1)}
    assert set(section(weights, "g")) == {"w", "b"}
