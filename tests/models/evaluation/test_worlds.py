"""Worlds as their judges see them, and where cards keep what was measured of each."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from models.data.faces import FACES
from models.data.gallery import gallery
from models.evaluation import worlds
from models.evaluation.worlds import WORLDS, WorldMeasure, measured_of, worlds_of
from models.parts.judge import FEATURES, Judge
from tests.models.evaluation.known import JUDGES, Known, known_world
from tests.models.tiny import pictures, randomized


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch) -> WorldMeasure:
    """Faces, with a tiny judge that looks at three at a time."""
    judge = randomized(Judge(width=8))
    monkeypatch.setattr(worlds, "network", lambda name, kind: judge)
    monkeypatch.setattr(worlds, "READ", 3)
    return known_world("faces")


def test_a_judge_reads_and_describes_any_number_of_images(measure: WorldMeasure) -> None:
    images = pictures(8)
    assert measure.features(images).shape == (8, FEATURES)
    assert torch.allclose(measure.features(images), measure.judge.features(images), atol=1e-5)
    assert torch.equal(measure.read(images), measure.judge.read(images))


def test_real_pictures_are_loaded_once(measure: WorldMeasure) -> None:
    loaded: list[Any] = []

    def counted(split: str, count: int) -> Known:
        loaded.append((split, count))
        return Known("faces", split, count)

    counting = WorldMeasure(FACES, "judge", counted)
    real = counting.real("test", 5)
    assert torch.equal(real.images, gallery().images[:5])
    assert torch.equal(real.features, counting.features(real.images))
    assert counting.real("test", 5) is real
    assert counting.real("train", 4).images.shape[0] == 4
    assert loaded == [("test", 5), ("train", 4)]


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_is_read_by_the_judge_of_its_own(name: str) -> None:
    measure = WORLDS[name]
    heads = [head.out_features for head in measure.judge.heads if hasattr(head, "out_features")]
    assert heads == [len(values) for values in measure.world.heads.values()]
    assert measure.world.name == name
    assert set(JUDGES) == set(WORLDS)


def test_a_model_draws_its_data_set_unless_its_card_says_more() -> None:
    assert worlds_of({"dataset": "faces"}) == ["faces"]
    both = {"dataset": "faces", "worlds": ["faces", "landscapes"]}
    assert worlds_of(both) == ["faces", "landscapes"]


def test_the_data_set_s_figures_are_the_card_s_and_others_have_their_own_place() -> None:
    card: dict[str, Any] = {"dataset": "faces", "measured": {"samples": 1}}
    measured_of(card, "faces")["prompts"] = 2
    measured_of(card, "landscapes")["samples"] = 3
    assert measured_of(card, "landscapes") == {"samples": 3}
    assert card["measured"] == {
        "samples": 1,
        "prompts": 2,
        "worlds": {"landscapes": {"samples": 3}},
    }
