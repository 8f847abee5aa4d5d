"""Named things of a landscape weigh more in a loss, where they are and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from models.data.captions.writer import training_caption
from models.data.landscapes.attributes import NONE
from models.data.landscapes.drawing import mask
from models.data.landscapes.world import LANDSCAPES
from models.training.objectives import spotlight
from models.training.objectives.spotlight import HEADS, boost, named, places

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(spotlight, "FOLDER", tmp_path)
    return tmp_path


def test_places_are_the_masks_and_are_kept(folder: Path) -> None:
    found = places("train", 8, 16)
    assert found.shape == (8, len(HEADS), 16, 16)
    for index, shown in enumerate(found):
        scene = LANDSCAPES.compose("train", index)
        for head, where in zip(HEADS, shown, strict=True):
            thing = getattr(scene.attributes, head)
            expected = np.zeros((16, 16), bool) if thing == NONE else mask(scene, thing, 16)
            assert np.array_equal(where.numpy(), expected)
    (kept,) = folder.iterdir()
    np.save(kept, ~found.numpy())
    assert torch.equal(places("train", 8, 16), ~found)


def test_only_what_is_said_to_be_there_is_named() -> None:
    claims = [
        {"object": frozenset({"boat"}), "sky": frozenset({NONE})},
        {"sky": frozenset({"birds", "balloon"})},
        {"object": frozenset({NONE, "tree"})},
    ]
    assert named(claims).tolist() == [[True, False], [False, True], [False, False]]
    assert named([]).shape == (0, len(HEADS))


def test_captions_of_landscapes_name_what_they_show() -> None:
    rng = np.random.default_rng(0)
    seen = 0
    for index in range(60):
        a = LANDSCAPES.compose("train", index).attributes
        (spoken_of,) = named([training_caption(a, rng).claims]).tolist()
        for head, said in zip(HEADS, spoken_of, strict=True):
            assert not said or getattr(a, head) != NONE
            seen += said
    assert seen > 10


def test_the_smaller_a_named_thing_the_more_its_places_weigh() -> None:
    things = torch.zeros(3, 2, 16, 16, dtype=torch.bool)
    things[:, 0, :2, :2] = True
    things[:, 1, 4:, :] = True
    said = torch.tensor([[True, False], [False, True], [False, False]])
    small, large, silent = boost(things, said, 5.0)[:, 0]
    assert small[0, 0] == 6
    assert small[2, 2] == 1
    assert large[4, 0] == 1 + 64 / 192
    assert large[0, 0] == 1
    assert (silent == 1).all()
    assert (boost(things, said, 0.0) == 1).all()
