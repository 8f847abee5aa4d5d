"""The flow is shown where it has learned something: at faces with the training noise."""

from __future__ import annotations

import pytest
import torch

from app.deck.gallery import faces
from app.demos.flow import RoundTrip, _passage
from app.engine import Progress
from models.runtime.sampler import View
from models.runtime.zoo import Zoo

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
    assert word in RoundTrip.hint
