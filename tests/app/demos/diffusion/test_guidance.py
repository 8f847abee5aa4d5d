"""Columns share their noises, and what stands below them is what the judge read."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from app.demos.diffusion.guidance import (
    SCALES,
    Guidance,
    GuidanceParameters,
    Measured,
    _scene,
    asked,
    measure,
)
from app.demos.kit import Matrix, Sentence
from app.demos.prompts.reading import Reading
from models.data.attributes import HEADS
from models.runtime.parameters import Parameters
from tests.support.finished import Finished, last_scene
from tests.support.parts import parts_of

ALL = {"classes": torch.zeros(24 + 32, len(HEADS), dtype=torch.int64)}


def test_it_goes_to_the_scale_that_was_asked_for() -> None:
    assert GuidanceParameters().scales == (*SCALES, 12)
    assert GuidanceParameters(guidance_scale=20).scales[-1] == 20


def test_each_column_is_measured_by_itself_and_beside_real_faces() -> None:
    generator = torch.Generator().manual_seed(0)
    one, two, real = (torch.randn(n, 8, generator=generator) for n in (4, 4, 32))
    features = torch.cat([one, torch.zeros_like(two), real])
    classes = torch.zeros(40, len(HEADS), dtype=torch.int64)
    classes[4:8, 3] = HEADS["eyes"].index("wink")
    first, second = measure({"eyes": frozenset({"wink"})}, 2, classes, features)
    assert (first.obeyed, second.obeyed) == (0, 1)
    assert second.variety == 0
    assert first.variety == pytest.approx(float(torch.pdist(one).mean() / torch.pdist(real).mean()))


def test_a_prompt_that_asks_for_nothing_measurable_says_so() -> None:
    features = torch.eye(40)
    (known,) = measure(asked("a person"), 1, torch.zeros(36, len(HEADS)), features[:36])
    assert known.obeyed is None
    p = GuidanceParameters(prompt="a person")
    scene = _scene(p, Reading(()), [None] * 6, [known] * 6, 13)
    assert "asks for nothing" in parts_of(scene, Sentence)[0].text
    assert "obeys" not in scene.text
    assert "obeyed" not in scene.numbers


def test_the_text_says_every_column() -> None:
    known = [Measured(i / 10, 1 - i / 10) for i in range(6)]
    scene = _scene(GuidanceParameters(), Reading(()), [None] * 6, known, 13)
    assert scene.text.startswith("w = 0: obeys 0%, variety 1.00 of real faces'; w = 1: obeys 10%")
    assert scene.numbers["obeyed"] == "0.00 … 0.50"
    (matrix,) = parts_of(scene, Matrix)
    assert [strip.bars[0].text for strip in matrix.strips][:2] == ["0%", "10%"]


@pytest.mark.anyio
async def test_all_columns_are_asked_with_one_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[Any] = []
    submit = Finished.submit

    def noted(self: Finished, name: str, request: Any, frames: bool = True) -> Finished:
        requests.append((name, request))
        copy = Finished(**self.extras)
        return submit(copy, name, request, frames)

    monkeypatch.setattr(Finished, "submit", noted)
    features = torch.randn(56, 128, generator=torch.Generator().manual_seed(1))
    p = GuidanceParameters(seed=5, prompt="bald", num_steps=3)
    scene = await last_scene(Guidance(), p, **ALL, features=features)
    *columns, (judge, reading) = requests
    assert [r.parameters.guidance_scale for _, r in columns] == [0, 1, 2, 4, 8, 12]
    assert {(r.seed, r.n, r.parameters.prompt, r.parameters.num_steps) for _, r in columns} == {
        (5, 4, "bald", 3)
    }
    assert judge == "judge.read"
    assert isinstance(reading.parameters, Parameters)
    assert len(reading.inputs["images"]) == 24 + 32
    assert "obeys 0%" in scene.text  # class 0 is long hair
