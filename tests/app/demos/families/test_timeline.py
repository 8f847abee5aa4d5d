"""The tree grows by what runs here, and says what draws."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import pytest

from app.demos.families.timeline import DRAWN_BY, NODES, YEARS, Timeline
from app.demos.parameters import Parameters
from tests.support.finished import Finished

if TYPE_CHECKING:
    from app.context import Context
    from app.demos.kit import Scene, Tree

CONTEXT = cast("Context", Finished())


@pytest.mark.anyio
async def test_a_year_names_what_draws_and_not_itself() -> None:
    frames = [frame async for frame in Timeline().frames(CONTEXT, Parameters())][1:]
    for year, frame in zip(YEARS, frames, strict=True):
        models = [node.model for node in NODES if node.year == year and node.model]
        assert frame.note.startswith(f"{year}: ")
        assert ("No model" in frame.note) == (not models)
        assert all(DRAWN_BY[model] in frame.note for model in models)
    assert frames[-1].done


@pytest.mark.anyio
async def test_the_tree_grows_and_keeps_what_it_has_drawn() -> None:
    frames = [frame async for frame in Timeline().frames(CONTEXT, Parameters())]
    trees = [cast("Tree", frame.scene.root) for frame in frames if frame.scene]
    drawn = [[node.image is not None for node in tree.nodes] for tree in trees]
    assert not any(drawn[0])
    assert drawn[-1] == [bool(node.model) for node in NODES]
    assert all(sum(later) >= sum(before) for before, later in pairwise(drawn))
    assert [tree.now for tree in trees[1:]] == list(YEARS)
    first, last = (cast("Scene", frames[i].scene) for i in (1, -1))
    assert dict(first.numbers) == {"vae": "0.50 s"}
    assert set(last.numbers) == set(DRAWN_BY)
    assert "up to 2025" in last.text
