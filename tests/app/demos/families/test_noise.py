"""One noise: who is asked what, and how alike faces are said to be."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from app.demos.families.noise import COLUMNS, ORDER, NoiseParameters, OneNoise, likeness
from app.demos.kit import Matrix
from models.runtime.zoo import Zoo
from tests.support.finished import Finished, last_scene
from tests.support.parts import parts_of


def test_equal_rows_are_alike_and_strangers_are_not() -> None:
    faces = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert likeness(faces, faces) == pytest.approx(1)
    assert likeness(faces, faces.roll(1, 0)) < 0  # another row is nearer
    other = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    assert abs(likeness(faces, other)) < 0.1
    assert likeness(torch.zeros(4, 3, 8, 8), torch.zeros(4, 3, 8, 8)) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("prompt", ["bald", ""])
async def test_a_prompt_goes_to_those_that_read_one(
    monkeypatch: pytest.MonkeyPatch, prompt: str
) -> None:
    asked: dict[str, Any] = {}
    submit = Finished.submit

    def noted(self: Finished, name: str, request: Any, frames: bool = True) -> Finished:
        asked[name.partition(".")[0]] = request
        return submit(self, name, request, frames)

    monkeypatch.setattr(Finished, "submit", noted)
    scene = await last_scene(OneNoise(), NoiseParameters(seed=6, prompt=prompt))
    assert tuple(asked) == ORDER
    assert {(request.n, request.seed) for request in asked.values()} == {(4, 6)}
    read = {model for model, r in asked.items() if hasattr(r.parameters, "prompt")}
    assert read == {"diffusion", "flow-matching", "latent-diffusion", "autoregressive"}
    said = {model: asked[model].parameters.prompt for model in read}
    # What knows landscapes, too, is asked for a person where nothing is asked.
    assert said == dict.fromkeys(read, prompt) | (
        {} if prompt else {"latent-diffusion": "a person"}
    )
    (matrix,) = parts_of(scene, Matrix)
    assert len(matrix.strips) == 1 + len(COLUMNS)
    assert not matrix.strips[1 + list(COLUMNS).index("diffusion")].bars
    assert "Flow matching 1.00" in scene.text


@pytest.mark.slow
def test_those_that_are_said_to_begin_with_the_noise_do() -> None:
    zoo = Zoo()
    begun = {
        model: zoo.sampler(f"{model}.sample").start(zoo.request(f"{model}.sample", n=2, seed=9))
        for model, (_, _, begins) in COLUMNS.items()
        if begins == "this noise"
    }
    flow = zoo.sampler("flow.sample").flow  # type: ignore[attr-defined]
    temperature = begun["flow"].request.parameters.temperature
    noises = {
        "flow": flow.unpatchify(begun["flow"].x) / temperature,
        **{model: begun[model].x for model in ("diffusion", "flow-matching")},
    }
    assert all(torch.allclose(x, noises["diffusion"], atol=1e-5) for x in noises.values())
