"""The flow is shown where it has learned something: at faces with the training noise."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from app.deck.gallery import faces
from app.demos.flow.blocks import VALUES
from app.demos.flow.roundtrip import RoundTrip, _passage, _passed
from app.demos.kit import Block, Picture
from app.engine import Progress
from models.runtime.sampler import View
from models.runtime.zoo import Zoo
from tests.support.demos import DEMOS
from tests.support.parts import parts_of

FACES = [17, 3, 40, 100]


def deviations(training_noise: bool) -> list[float]:
    sampler = Zoo().sampler("flow.encode")
    request = sampler.request(images=faces(FACES), training_noise=training_noise)
    deviation: list[float] = sampler.run(request).extras["z"].flatten(1).std(1).tolist()
    return deviation


def test_a_face_with_the_training_noise_becomes_a_gaussian() -> None:
    assert all(0.9 <= value <= 1.1 for value in deviations(True))
    assert all(value < 0.5 for value in deviations(False))  # a clean one is nothing it has learned


def test_the_blocks_are_counted_there_and_back() -> None:
    def said(step: int) -> str:
        view = View(torch.zeros(1, 3, 8, 8), {"blocks": 4})
        return _passage(Progress(step, 8, 0.0, 0.0, lambda: view))

    assert "noise" in said(0)
    assert said(4) == "Block 4 of 4 applied, on the way to z."
    assert said(5) == "Block 4 of 4 undone, on the way back."
    assert said(8) == "Block 1 of 4 undone, on the way back."


@pytest.mark.parametrize("word", ["noise", "training"])
def test_the_slide_says_what_is_done(word: str) -> None:
    (words,) = [demo.hint for demo in DEMOS if isinstance(demo, RoundTrip)]
    assert word in words


def passed(step: int) -> dict[str, Any]:
    """What a round trip tells after so many steps, with a log-determinant of k nats a value."""
    path = torch.stack([torch.full((1, 3, 64, 64), i / 10) for i in range(step + 1)])
    shares = torch.arange(1.0, 1 + min(4, step))[:, None] * VALUES
    return {"path": path, "logdets": shares} if step else {"path": path}


def test_the_way_back_fills_the_chain_anew() -> None:
    there, back = (parts_of(_passed(passed(step), step), Picture) for step in (4, 6))
    shown = [[p.images if p.images is None else float(p.images.max()) for p in ps]
             for ps in (there, back)]  # fmt: skip
    assert shown[0] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, None])
    assert shown[1] == pytest.approx([0, 0.1, 0.6, 0.5, 0.4, None])


def test_each_block_holds_its_share_of_the_likelihood() -> None:
    scene = _passed(passed(2), 2)
    blocks = [block for block in parts_of(scene, Block) if block.title.startswith("block")]
    assert [block.value for block in blocks] == ["+1.00", "+2.00", "", ""]
    assert [block.lit for block in blocks] == [False, True, False, False]
    assert scene.numbers == {"share": "2.00", "sum": "3.00"}
    lit = [b.lit for b in parts_of(_passed(passed(8), 8), Block) if b.title.startswith("block")]
    assert lit == [True, False, False, False]
