"""Grids that hold a face twice are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from torch import Tensor

from models.data.gallery import gallery
from models.evaluation import twins
from models.evaluation.twins import GRID, grids_with_twins, measure_twins
from models.evaluation.worlds import WORLDS
from tests.models.evaluation.known import known_world

if TYPE_CHECKING:
    from models.runtime.zoo import Zoo


def distinct(grids: int) -> Tensor:
    """So many grids of faces that differ in one attribute at least."""
    number = torch.arange(grids * GRID)
    return torch.stack([number // 100, number % 100], dim=1)


def test_one_pair_makes_a_grid_one_with_twins() -> None:
    labels = distinct(4)
    assert grids_with_twins(labels) == 0
    labels[3] = labels[40]
    assert grids_with_twins(labels) == 0.25
    labels[5] = labels[40]
    assert grids_with_twins(labels) == 0.25


def test_faces_of_different_grids_are_no_twins() -> None:
    labels = distinct(2)
    labels[GRID] = labels[0]
    assert grids_with_twins(labels) == 0


def test_an_unfinished_grid_does_not_count() -> None:
    labels = torch.cat([distinct(1), torch.zeros(GRID - 1, 2, dtype=torch.int64)])
    assert grids_with_twins(labels) == 0
    with pytest.raises(ValueError, match="takes 64 faces"):
        grids_with_twins(labels[: GRID - 1])


def test_samples_are_compared_with_as_many_real_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    def memory(zoo: Any, name: str, count: int) -> Tensor:
        return gallery().images[:8].repeat(25, 1, 1, 1)

    monkeypatch.setitem(WORLDS, "faces", known_world("faces"))
    monkeypatch.setattr(twins, "draw_samples", memory)
    measured = measure_twins(cast("Zoo", None), "gan", 200)
    assert measured["grids"] == 1
    assert measured["grids_real"] < 1
