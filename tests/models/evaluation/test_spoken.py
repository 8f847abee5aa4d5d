"""Spoken prompts: what they ask for can be drawn, and pictures are scored by it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from models.data import attributes as faces_attributes
from models.data.gallery import gallery
from models.data.landscapes import attributes as landscape_attributes
from models.evaluation import spoken
from models.evaluation.spoken import Spoken, measure_spoken, read_spoken, scores
from models.evaluation.worlds import WORLDS
from models.procedures.guided import GuidedParameters
from models.runtime.sampler import State, View
from tests.models.tiny import AtOnce

if TYPE_CHECKING:
    from pathlib import Path

FACES, LANDSCAPES = (WORLDS[name].world for name in ("faces", "landscapes"))
DRAWN = {"faces": faces_attributes, "landscapes": landscape_attributes}
each_world = pytest.mark.parametrize("world", [FACES, LANDSCAPES], ids=lambda world: world.name)


@each_world
def test_every_value_is_asked_for_more_than_once(world: Any) -> None:
    prompts = read_spoken(world)
    assert len(prompts) >= {"faces": 90, "landscapes": 80}[world.name]
    assert {len(each.must) for each in prompts} >= {1, 2, 3, 4, 5}
    for head, values in world.heads.items():
        asked = [each.must[head] for each in prompts if head in each.must]
        named = Counter(value for some in asked if len(some) <= 3 for value in some)
        assert min(named[value] for value in values) >= 2, head


@each_world
def test_every_prompt_can_be_drawn(world: Any) -> None:
    """And what it asks for can then be seen."""
    module, rng = DRAWN[world.name], np.random.default_rng(0)
    everything = [module.draw_attributes(rng, "judge") for _ in range(300)]
    for each in read_spoken(world):

        def shows(a: Any, must: Any = each.must) -> bool:
            seen = dict(zip(world.heads, a.visible(), strict=True))
            return all(getattr(a, k) in values and seen[k] for k, values in must.items())

        def told(a: Any, must: Any = each.must) -> Any:
            chosen = {k: values[int(rng.integers(len(values)))] for k, values in must.items()}
            return module._consistent(replace(a, **chosen))

        assert any(shows(told(a)) for a in everything), each.prompt


def write(path: Path, line: str) -> Path:
    path.write_text(f"faces = [\n{line}\n]\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{ prompt = "a", must = {} }', "asks for nothing"),
        ('{ prompt = "a", must = { nose = ["long"] } }', "faces have no nose"),
        ('{ prompt = "a", must = { hair = ["plait", "afro"] } }', "no hair .*plait"),
        ('{ prompt = "a", must = { hair = [] } }', "no hair"),
        ('{ prompt = "a", must = { hair = ["bob"] } },\n' * 2, "twice"),
    ],
)
def test_what_cannot_be_asked_is_an_error(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_spoken(FACES, write(tmp_path / "spoken.toml", line))


def test_scores_count_what_was_asked_alone() -> None:
    prompts = [
        Spoken("sunset in the hills", {"time": ["sunset"], "land": ["hills"]}),
        Spoken("no clouds", {"sky": ["stars", "none"]}),
    ]
    sunset = landscape_attributes.Attributes("sunset", "hills", "road", "tent", "clouds", "clear")
    others = [
        replace(sunset, land="sea"),
        replace(sunset, sky="none"),
    ]
    read = [[sunset, others[0]], [sunset, others[1]]]
    rows = torch.tensor([[a.indices() for a in row] for row in read])
    assert scores(prompts, LANDSCAPES, rows) == {
        "prompts": 2,
        "pictures": 4,
        "attributes": pytest.approx(4 / 6, abs=1e-4),
        "all_right": 0.5,
        "heads": {"time": 1.0, "land": 0.5, "sky": 0.5},
    }


class Obedient(AtOnce):
    """Draws the faces of the gallery that have most of what a prompt asks for."""

    parameters = GuidedParameters
    max_n = 64

    def __init__(self) -> None:
        self.must = {each.prompt: each.must for each in read_spoken(FACES)}
        self.faces = gallery().attributes
        self.asked: list[tuple[str, int, int]] = []

    def preview(self, state: State) -> View:
        request = state.request
        self.asked.append((request.parameters.prompt, request.seed, request.n))
        image = gallery(128).images[self.best(request.parameters.prompt)]
        return View(image[None].expand(request.n, -1, -1, -1))

    def best(self, prompt: str) -> int:
        """Which face it draws."""
        must = self.must[prompt].items()
        return int(np.argmax([sum(getattr(a, k) in v for k, v in must) for a in self.faces]))


def test_a_model_draws_some_pictures_of_every_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "TOGETHER", 5)
    model = Obedient()
    known = measure_spoken(model, "faces", 2)
    count = len(model.must)
    assert (known["prompts"], known["pictures"]) == (count, 2 * count)
    assert [prompt for prompt, _, _ in model.asked] == list(model.must)
    assert len({seed for _, seed, _ in model.asked}) == count
    assert {n for _, _, n in model.asked} == {2}
    drawn = torch.tensor([[model.faces[model.best(prompt)].indices()] for prompt in model.must])
    expected = scores(read_spoken(FACES), FACES, drawn)
    for key in ("attributes", "all_right", "heads"):
        assert known[key] == pytest.approx(expected[key], abs=0.04), key
