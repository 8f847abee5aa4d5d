"""The likeliest of three pictures is told, by the run's own bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
import torch

from app.demos.flow.likelihood import NAMES, Likelihood, _judged
from app.demos.kit import Bars, Picture
from app.demos.parameters import Parameters
from tests.support.finished import Finished
from tests.support.parts import parts_of

if TYPE_CHECKING:
    from app.context import Context


def test_the_likeliest_of_three_is_marked_and_told() -> None:
    bits = {"bits_per_dim": torch.tensor([5.36, 4.8, 16.1])}
    scene = _judged([None] * 3, bits, 4)
    (bars,) = parts_of(scene, Bars)
    assert bars.mark == 0.5
    assert [(bar.text, bar.taken) for bar in bars.bars] == [
        ("5.36", False), ("4.80", True), ("16.10", False),
    ]  # fmt: skip
    assert "drawn face 4.80" in scene.text
    assert scene.numbers["bits"] == "5.36"


def test_of_two_that_are_nearly_as_likely_none_is_marked() -> None:
    (bars,) = parts_of(
        _judged([None] * 3, {"bits_per_dim": torch.tensor([5.36, 5.43, 16.1])}, 4), Bars
    )
    assert not any(bar.taken for bar in bars.bars)


@pytest.mark.anyio
async def test_three_pictures_go_through_the_flow_together() -> None:
    context = cast("Context", Finished(bits_per_dim=torch.tensor([5.0, 6.0, 7.0])))
    last = [frame async for frame in Likelihood().frames(context, Parameters())][-1]
    assert last.done
    assert last.scene is not None
    assert [p.label for p in parts_of(last.scene, Picture)] == list(NAMES)
