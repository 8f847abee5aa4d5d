"""Written tokens: what they were drawn from and where the reader looked, as in the run."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from app.demos.autoregressive.complete import CompleteParameters, _completed
from app.demos.autoregressive.tokens import TokensParameters, _written
from app.demos.autoregressive.writing import LINES
from app.demos.kit import Board, Tiles
from app.demos.prompts.reading import Reading
from app.engine import Progress
from models.procedures.autoregressive import CANDIDATES
from models.runtime.sampler import View
from tests.support.parts import parts_of


def explained(drawn: int, **more: Any) -> View:
    """Ten tokens are written, the last by chance ``drawn``."""
    tokens = torch.zeros(4, 64, dtype=torch.int64)
    tokens[:, 9] = drawn
    chances = [0.4, *(0.05 for _ in range(CANDIDATES - 1))]
    extras = {
        "tokens": tokens, "position": 10, "candidates": list(range(CANDIDATES)),
        "probabilities": chances, "candidate_patches": torch.zeros(CANDIDATES, 3, 8, 8),
        "chance": 0.05, "looks_words": 0.25, "looks_tokens": torch.arange(9.0) / 48, **more,
    }  # fmt: skip
    return View(torch.zeros(4, 3, 64, 64), extras)


def test_lines_lead_to_what_was_looked_at_most() -> None:
    (board,) = parts_of(_written(TokensParameters(), Reading(()), explained(3)), Board)
    assert board.here == 9
    assert [look.cell for look in board.looks] == [8, 7, 6, 5, 4, 3]
    assert len(board.looks) == LINES
    assert board.looks[0].weight == 1
    assert board.looks[1].weight == pytest.approx(7 / 8)


def test_the_token_that_was_drawn_is_marked() -> None:
    scene = _written(TokensParameters(), Reading(()), explained(3))
    (tiles,) = parts_of(scene, Tiles)
    assert [tile.taken for tile in tiles.tiles] == [i == 3 for i in range(CANDIDATES)]
    assert (tiles.tiles[0].text, tiles.tiles[1].text) == ("40%", "5.0%")
    assert tiles.note == ""
    assert ("token", "3") in scene.numbers.items()
    assert "25%" in scene.text


def test_an_unlikely_one_is_told() -> None:
    (tiles,) = parts_of(_written(TokensParameters(), Reading(()), explained(500)), Tiles)
    assert not any(tile.taken for tile in tiles.tiles)
    assert tiles.note == "drawn: another, 5.0%"


def test_four_endings_are_written_at_the_same_place() -> None:
    view = explained(3)
    scene = _completed(CompleteParameters(), view, Progress(3, 32, 0.0, 0.0, lambda: view))
    boards = parts_of(scene, Board)
    assert [board.here for board in boards] == [9] * 4
    assert [bool(board.looks) for board in boards] == [True, False, False, False]
