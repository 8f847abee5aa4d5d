"""Every family stands where its time is."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from app.deck.comparison import FAMILIES
from app.demos.families.race import Race, place
from app.demos.parameters import Parameters
from tests.support.finished import Finished

if TYPE_CHECKING:
    from app.context import Context
    from app.demos.kit import Clock, Row, Scene

CONTEXT = cast("Context", Finished())


@pytest.mark.anyio
async def test_the_family_that_ended_last_is_in_front_and_all_stand_at_their_time() -> None:
    frames = [frame async for frame in Race().frames(CONTEXT, Parameters())][1:]
    for (model, name), frame in zip(FAMILIES.items(), frames, strict=True):
        scene = cast("Scene", frame.scene)
        clock = cast("Clock", cast("Row", scene.root).parts[1])
        assert scene.at == model
        assert [r.title for r in clock.runners if r.lit] == [name]
        assert sum(r.at is not None for r in clock.runners) == frame.step
        assert scene.numbers["time"] == "0.500 s"
        assert scene.numbers["face"] == f"{0.5 / 16:.4f} s"
    assert place(0.01) == 0
    assert place(1) == 0.5
    assert place(1e9) == 1
