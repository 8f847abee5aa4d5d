"""The shipped models: every one is there, fits its card, and loads once."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.runtime.checkpoint import FOLDER, CheckpointError
from models.runtime.sampler import Sampler
from models.runtime.zoo import ENTRIES, Zoo

FAMILIES = {"vae", "gan", "flow", "autoregressive", "diffusion", "latent_diffusion"}
MEBIBYTE = 2**20


@pytest.mark.parametrize("name", ENTRIES)
def test_every_model_ships_with_a_card_that_fits(name: str) -> None:
    card = Zoo().card(name)
    assert card["name"] == name
    assert card["family"] == ENTRIES[name].family
    for key in ("data", "recipe", "hardware", "command", "measured"):
        assert card[key], key
    for key in ("parameters", "steps", "images", "seconds"):
        assert card[key] > 0, key
    assert isinstance(card["seed"], int)
    assert f"python -m models.training {name}" in card["command"]
    data = (FOLDER / card["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == card["sha256"]
    assert len(data) == card["bytes"] < 16 * MEBIBYTE


def test_all_checkpoints_together_are_small_and_known() -> None:
    files = list(FOLDER.glob("*.safetensors"))
    assert sum(file.stat().st_size for file in files) < 100 * MEBIBYTE
    assert {file.stem for file in files} == set(ENTRIES)


def test_every_family_can_be_sampled() -> None:
    sampled = {entry.family for entry in ENTRIES.values() if "sample" in entry.procedures}
    assert sampled == FAMILIES


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.procedures])
def test_a_model_offers_the_procedures_of_its_entry(name: str) -> None:
    zoo = Zoo()
    assert zoo.loaded() == []
    for procedure in ENTRIES[name].procedures:
        assert isinstance(zoo.sampler(f"{name}.{procedure}"), Sampler)
    assert zoo.loaded() == [name]


def test_a_model_is_loaded_once() -> None:
    zoo = Zoo()
    assert zoo.load("judge") is zoo.load("judge")


@pytest.mark.parametrize("procedure", ["vae.dream", "dream.sample", "vae", "clip.sample", ""])
def test_an_unknown_procedure_is_a_key_error(procedure: str) -> None:
    with pytest.raises(KeyError):
        Zoo().sampler(procedure)


def test_an_unknown_model_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Zoo().card("dream")
    with pytest.raises(KeyError):
        Zoo().load("dream")


def test_a_corrupt_checkpoint_is_named_and_can_be_mended(tmp_path: Path) -> None:
    for suffix in (".json", ".safetensors"):
        shutil.copy(FOLDER / f"judge{suffix}", tmp_path)
    zoo = Zoo(tmp_path)
    weights = tmp_path / "judge.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match=r"judge\.safetensors"):
        zoo.load("judge")
    assert zoo.loaded() == []
    weights.write_bytes(whole)
    assert zoo.load("judge") is not None


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"vae\.json"):
        Zoo(tmp_path).load("vae")


def test_each_sampler_of_a_model_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[tuple[str, int]] = []

    def note(self: Sampler[Any], threads: int = 0) -> None:
        prepared.append((type(self).__name__, threads))

    monkeypatch.setattr(Sampler, "prepare", note)
    zoo = Zoo()
    zoo.prepare("gan-collapsed", threads=3)
    assert prepared == [("GANSampler", 3), ("GANFilm", 3)]
    assert zoo.loaded() == ["gan-collapsed"]
    zoo.prepare("judge")  # has no samplers
    assert len(prepared) == 2
