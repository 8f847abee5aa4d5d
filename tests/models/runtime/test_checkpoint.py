"""Checkpoints are read whole or refused by name."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from models.runtime import checkpoint
from models.runtime.checkpoint import (
    CheckpointError,
    load_card,
    load_checkpoint,
    load_into,
    round_rows,
    save_checkpoint,
    section,
    unround,
    write_card,
)

if TYPE_CHECKING:
    from pathlib import Path


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


def large(*shape: int) -> torch.Tensor:
    """A weight whose rows are of very different size."""
    scale = torch.logspace(-2, 1, shape[0]).view(-1, *[1] * (len(shape) - 1))
    return torch.randn(shape) * scale


def half_a_step(weight: torch.Tensor) -> torch.Tensor:
    """How far rounding may take a value: half a step, and the error of 127 float16 steps."""
    largest = weight.flatten(1).abs().amax(1)
    bound = largest / 127 / 2 + largest * 2**-10
    return bound.view(-1, *[1] * (weight.ndim - 1))


@pytest.mark.parametrize("shape", [(40, 300), (16, 8, 6, 6)])
def test_rounded_rows_come_back_within_half_a_step(shape: tuple[int, ...]) -> None:
    weight = large(*shape)
    levels, step = round_rows(weight)
    assert (levels.dtype, levels.shape) == (torch.int8, weight.shape)
    assert (step.dtype, step.shape) == (torch.float16, weight.shape[:1])
    assert (levels.flatten(1).abs().amax(1) == 127).all()  # each row uses its whole range
    back = unround(levels, step)
    assert back.dtype == torch.float32
    assert ((back - weight).abs() <= half_a_step(weight)).all()
    assert not torch.equal(back, weight)


def test_a_row_of_zeros_stays_zero() -> None:
    weight = large(4, 50)
    weight[2] = 0
    levels, step = round_rows(weight)
    assert (step > 0).all()  # nothing is divided by zero
    back = unround(levels, step)
    assert (back[2] == 0).all()
    assert (back[[0, 1, 3]] != 0).any(1).all()


def test_with_8_bits_large_weights_are_rounded_and_all_others_kept(tmp_path: Path) -> None:
    weights = {
        "deep.weight": large(64, 100),
        "conv.weight": large(32, 16, 3, 3),
        "small.weight": torch.randn(8, 100),
        "long.bias": torch.randn(5000),
        "table": torch.arange(8000).view(80, 100),
    }
    cards, files = {}, {}
    for bits in (8, 16):
        path = save_checkpoint("toy", weights, {}, tmp_path / str(bits), bits=bits)
        files[bits], cards[bits] = load_checkpoint("toy", tmp_path / str(bits))
        assert cards[bits]["bits"] == bits
        assert cards[bits]["bytes"] == path.stat().st_size
        assert set(files[bits]) == set(weights)
    for key in ("deep.weight", "conv.weight"):
        assert files[8][key].dtype == torch.float32
        gap = (files[8][key] - weights[key]).abs()
        assert (gap <= half_a_step(weights[key])).all()
        assert not torch.equal(files[8][key], files[16][key])
    for key in ("small.weight", "long.bias", "table"):
        assert torch.equal(files[8][key], files[16][key])
    assert torch.equal(files[8]["table"], weights["table"])


def test_8_bits_take_half_the_room(tmp_path: Path) -> None:
    weights = {"a.weight": torch.randn(300, 400), "b.weight": torch.randn(64, 64, 3, 3)}
    sizes = {
        bits: save_checkpoint("toy", weights, {}, tmp_path, bits=bits).stat().st_size
        for bits in (8, 16)
    }
    assert sizes[8] / sizes[16] == pytest.approx(0.5, abs=0.02)


def test_a_network_can_be_loaded_from_8_bits(tmp_path: Path) -> None:
    network, again = (nn.Sequential(nn.Linear(80, 90), nn.BatchNorm1d(90)) for _ in range(2))
    save_checkpoint("toy", network.state_dict(), {}, tmp_path, bits=8)
    load_into(again, load_checkpoint("toy", tmp_path)[0], "toy")
    x = torch.randn(4, 80)
    assert torch.allclose(again(x), network.eval()(x), atol=0.02)


@pytest.mark.parametrize("bits", [0, 4, 32])
def test_other_bits_are_refused(tmp_path: Path, bits: int) -> None:
    with pytest.raises(ValueError, match=f"8 or 16 bits, not {bits}"):
        save_checkpoint("toy", {"w": torch.zeros(3)}, {}, tmp_path, bits=bits)
    assert not list(tmp_path.iterdir())


def test_16_bits_are_the_default(folder: Path) -> None:
    assert load_card("toy", folder)["bits"] == 16


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
