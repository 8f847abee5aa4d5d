"""Codebooks as scenes: the face's numbers, the codes in use, a token replaced."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from app.demos.autoregressive.codebook import Codebook, CodebookParameters
from app.demos.autoregressive.codes import COLUMNS, NAMES, beside, levels, near, within
from app.demos.kit import Cells, Picture
from models.families.vq_vae import CODES, QUANTIZERS
from models.procedures.vq_vae import TYPICAL
from models.runtime.sampler import View
from tests.support.parts import parts_of


def read(tokens: Tensor) -> View:
    """Faces of these tokens, [n, 64], read and rebuilt."""
    n = len(tokens)
    extras = {"read": n, "tokens": tokens, "rmse": torch.full((n,), 12.4)}
    return View(torch.zeros(256, 3, 64, 64), extras)


def replaced(tokens: Tensor, code: int, change: Tensor, **more: Any) -> View:
    """A gray face of tokens [64] whose 27th became another code, which changed the face."""
    extras: dict[str, Any] = {
        "originals": torch.zeros(1, 3, 64, 64),
        "tokens": tokens[None],
        "rebuilt": torch.zeros(1, 3, 64, 64),
        "codes": torch.tensor([[int(tokens[27]), code]]),
        "patches": torch.zeros(1, 2, TYPICAL, 3, 24, 24),
        "uses": torch.tensor([[1700, 3]]),
        "counts": torch.ones(CODES, dtype=torch.int64),
        **more,
    }
    return View(change[None], extras)


def test_every_codebook_has_its_numbers_its_face_and_its_map() -> None:
    few = read(torch.arange(64).remainder(3)[None])
    many = read(torch.arange(256).view(4, 64))
    scene = beside({"plain": few, "ema": many, "simvq": many}, place=4)
    grids = [cells for cells in parts_of(scene, Cells) if cells.texts]
    maps = [cells for cells in parts_of(scene, Cells) if cells.levels]
    assert [grid.label for grid in grids] == [
        "plain VQ: 3 codes", "moving averages: 64 codes", "SimVQ: 64 codes",
    ]  # fmt: skip
    assert grids[0].texts[:4] == ["0", "1", "2", "0"]
    assert grids[0].here == 4
    assert grids[0].alike == [i for i in range(64) if i % 3 == 1 and i != 4]
    assert grids[1].alike == []
    assert [(grid.sets, grid.also["look"]) for grid in grids] == [("place", n) for n in NAMES]
    assert maps[0].label == "3 of 512 used\nperplexity 3"
    assert maps[1].label == "256 of 512 used\nperplexity 256"
    assert [level > 0 for level in maps[1].levels] == [code < 256 for code in range(CODES)]
    assert scene.numbers == {"P_plain": "3", "P_ema": "256", "P_simvq": "256"}
    assert "plain VQ: 3 of 512 codes used, perplexity 3, the face off by 12.4" in scene.text


def test_before_anything_is_read_all_parts_are_there() -> None:
    empty = beside(dict.fromkeys(NAMES), 4)
    full = beside(dict.fromkeys(NAMES, read(torch.zeros(1, 64, dtype=torch.int64))), 4)
    for kind in (Cells, Picture):
        assert len(parts_of(empty, kind)) == len(parts_of(full, kind))
    assert [c.sets for c in parts_of(empty, Cells)] == [c.sets for c in parts_of(full, Cells)]
    assert empty.at == ""
    assert empty.numbers == {}
    none = beside(dict.fromkeys(NAMES, read(torch.zeros(0, 64, dtype=torch.int64))), 4)
    assert none.text == empty.text


def test_a_code_that_is_used_more_is_drawn_more_strongly() -> None:
    assert levels(torch.tensor([0, 1, 7, 8, 63, 64, 9000])) == [0, 1, 1, 2, 2, 3, 3]
    assert levels(None) == ()


def test_a_replaced_token_shows_both_codes_and_the_change() -> None:
    tokens, change = torch.arange(100, 164), torch.zeros(3, 64, 64)
    change[:, 24:32, 24:32] = 0.25
    scene = within("ema", 27, 9, replaced(tokens, 9, change))
    grid, face, chart = parts_of(scene, Cells)
    assert (grid.here, grid.texts[27], grid.sets, grid.also) == (27, "127", "place", {})
    assert face.clear
    assert (face.other, face.label, face.result) == (27, "with 9", True)
    assert (chart.here, chart.other, chart.chosen, chart.sets) == (127, 9, 9, "code")
    labels = [picture.label for picture in parts_of(scene, Picture)]
    assert labels == [
        "127 (here): nearest for 1,700 of 16,384 patches",
        "9 (new): nearest for 3 of 16,384 patches",
        "rebuilt",
        "change, ×2",
    ]
    off = parts_of(scene, Picture)[3].images
    assert off is not None
    assert off[0, :, 24:32, 24:32].min() == 0.25
    assert scene.at == "read"
    assert scene.numbers == {"token": "127"}
    assert "row 4, column 4" in scene.text
    assert "100% of the change lies in that cell" in scene.text


def test_the_same_code_changes_nothing_and_says_so() -> None:
    tokens = torch.arange(100, 164)
    scene = within("plain", 27, 127, replaced(tokens, 127, torch.zeros(3, 64, 64)))
    assert "It is the same code: nothing changes." in scene.text


def test_a_face_that_is_read_shows_its_numbers_before_it_is_rebuilt() -> None:
    tokens = torch.arange(64)
    view = View(torch.zeros(1, 3, 64, 64), {"originals": None, "tokens": tokens[None]})
    scene = within("simvq", 5, 9, view)
    grid, face, _ = parts_of(scene, Cells)
    assert grid.texts[5] == "5"
    assert grid.image is face.image is None
    assert scene.at == "read"


def test_how_near_a_change_is() -> None:
    off = torch.zeros(3, 64, 64)
    off[:, 20, 20] = 1
    off[:, 60, 60] = 1
    assert near(off, 27) == pytest.approx(0.5)
    assert near(off, 63) == pytest.approx(0.5)
    assert near(off, 7) == 0
    assert near(torch.zeros(3, 64, 64), 0) == 0


def test_there_is_a_model_for_every_quantizer() -> None:
    assert list(NAMES) == list(QUANTIZERS)
    assert [model.removeprefix("codebook-") for model in Codebook.models] == list(NAMES)
    assert COLUMNS**2 >= CODES


@pytest.mark.parametrize("look", ["all", *NAMES])
def test_the_formula_and_the_code_are_those_of_what_is_looked_at(look: str) -> None:
    demo, p = Codebook(), CodebookParameters(look=look)
    titles = [listing.title for listing in demo.listings(p)]
    assert titles[:2] == ["nearest", "straight_through"]
    own = {"plain": "Quantizer.loss", "ema": "moved_averages", "simvq": "SimQuantizer.codebook"}
    assert [name for name, title in own.items() if title in titles] == (
        list(NAMES) if look == "all" else [look]
    )
    source = demo.formula(p).source
    assert ("moves only codes that are chosen" in source) == (look in ("all", "plain"))
    assert ("an unused code starts anew" in source) == (look in ("all", "ema"))
    assert ("W learns" in source) == (look in ("all", "simvq"))
