"""The shipped models: every one is there, fits its card, and loads once."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from models.data.names import DATASETS
from models.parts.clip import CLIP
from models.parts.judge import Judge
from models.runtime.checkpoint import FOLDER, CheckpointError
from models.runtime.sampler import Sampler
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from pathlib import Path

COURSE = {"vae", "gan", "flow", "autoregressive", "diffusion", "latent_diffusion"}
MEBIBYTE = 2**20


NAMES = Zoo().names()


@pytest.mark.parametrize("name", NAMES)
def test_every_model_ships_with_a_card_that_fits(name: str) -> None:
    card = Zoo().card(name)
    assert card["name"] == name
    assert card["family"] == Zoo().architecture(name).family
    assert card["dataset"] in DATASETS
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
    assert {file.stem for file in files} == set(NAMES)


def test_every_family_of_the_course_can_be_sampled() -> None:
    kinds = [Zoo().architecture(name) for name in NAMES]
    sampled = {kind.family for kind in kinds if "sample" in kind.procedures}
    assert sampled >= COURSE


@pytest.mark.parametrize("name", NAMES)
def test_a_model_offers_the_procedures_of_its_architecture(name: str) -> None:
    zoo = Zoo()
    assert zoo.loaded() == []
    kinds = zoo.architecture(name).procedures
    samplers = zoo.load(name).samplers
    assert {action: type(sampler) for action, sampler in samplers.items()} == kinds
    assert name in zoo.loaded()


def test_models_share_the_networks_they_have_in_common() -> None:
    zoo = Zoo()
    encode = [
        zoo.sampler(f"{name}.sample").encode  # type: ignore[attr-defined]
        for name in ("diffusion", "flow-matching")
    ]
    assert encode[0] == encode[1] == zoo.network("clip", CLIP).encode_text


def test_a_network_of_another_kind_is_refused() -> None:
    with pytest.raises(CheckpointError, match="Judge"):
        Zoo().network("clip", Judge)


def test_a_card_s_defaults_reach_requests_and_samplers() -> None:
    zoo = Zoo()
    asked = zoo.request("fashion-flow.sample")
    assert asked.parameters.temperature == 0.85
    assert asked == zoo.sampler("fashion-flow.sample").request()
    assert zoo.request("flow.sample").parameters.temperature == 1


def test_a_changed_card_is_read_again(tmp_path: Path) -> None:
    card = tmp_path / "judge.json"
    card.write_text('{"name": "judge"}', encoding="utf-8")
    zoo = Zoo(tmp_path)
    assert zoo.card("judge") is zoo.card("judge")
    card.write_text('{"name": "other"}', encoding="utf-8")
    os.utime(card, ns=(1, 1))
    assert zoo.card("judge")["name"] == "other"


def test_weights_that_no_architecture_fits_are_refused_by_name(tmp_path: Path) -> None:
    card = tmp_path / "odd.json"
    card.write_text('{"architecture": {"name": "perpetuum mobile"}}', encoding="utf-8")
    with pytest.raises(CheckpointError, match="perpetuum mobile"):
        Zoo(tmp_path).sampler("odd.sample")


def test_a_model_is_loaded_once() -> None:
    zoo = Zoo()
    assert zoo.load("judge") is zoo.load("judge")


@pytest.mark.parametrize("procedure", ["vae.dream", "vae", "clip.sample"])
def test_an_unknown_procedure_is_a_key_error(procedure: str) -> None:
    with pytest.raises(KeyError):
        Zoo().sampler(procedure)


def test_an_unknown_model_has_no_card() -> None:
    for ask in (Zoo().card, Zoo().load, Zoo().architecture):
        with pytest.raises(CheckpointError, match=r"dream\.json"):
            ask("dream")


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

    def note(self: Sampler[Any, Any], threads: int = 0) -> None:
        prepared.append((type(self).__name__, threads))

    monkeypatch.setattr(Sampler, "prepare", note)
    zoo = Zoo()
    zoo.prepare("gan-collapsed", threads=3)
    assert prepared == [("GANSampler", 3), ("GANStyleMixing", 3), ("GANFilm", 3), ("GANJudge", 3)]
    assert zoo.loaded() == ["gan-collapsed"]
    zoo.prepare("judge")
    assert prepared[4:] == [("JudgeReading", 0)]
