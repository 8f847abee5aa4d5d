"""Slide 8: each idea asks for what shows it, and tells of it in numbers of its own run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from app.demos.ideas.adversarial import difference
from app.demos.ideas.concepts import IDEAS, ConceptParameters, Concepts
from app.demos.prompts.suggestions import SUGGESTIONS
from models.data.pixels import LEVEL
from tests.support.finished import Finished

if TYPE_CHECKING:
    from app.context import Context
    from app.demos.demo import Frame
    from models.runtime.sampler import Request

pytestmark = pytest.mark.anyio

ASKED = {
    "latent": ["vae.interpolate"],
    "adversarial": ["gan.sample", "gan-collapsed.sample"],
    "denoising": ["diffusion.sample"],
    "guidance": ["diffusion.sample"] * 3,
    "hybrid": ["latent-diffusion.sample"],
}


class Noted(Finished):
    """Notes what is asked; everything that is drawn is gray."""

    def __init__(self, **extras: Any) -> None:
        super().__init__(**extras)
        self.asked: list[tuple[str, Request[Any]]] = []

    def submit(self, procedure: str, request: Request[Any], frames: bool = True) -> Finished:
        self.asked.append((procedure, request))
        return super().submit(procedure, request, frames)


async def shown(idea: str, **extras: Any) -> tuple[Noted, Frame]:
    context = Noted(**extras)
    p = ConceptParameters(idea=idea, seed=6)
    frames = [f async for f in Concepts().frames(cast("Context", context), p)]
    assert frames[-1].done
    return context, frames[-1]


@pytest.mark.parametrize("idea", IDEAS)
async def test_an_idea_is_shown_by_what_it_names(idea: str) -> None:
    extras: dict[str, Any] = {"mu": torch.randn(2, 128)} if idea == "latent" else {}
    if idea == "hybrid":
        extras = {"words": ("a",), "tokens": torch.ones(1, 128), "t": 0, "t_before": 50}
    context, last = await shown(idea, **extras)
    assert [name for name, _ in context.asked] == ASKED[idea]
    assert {request.seed for _, request in context.asked} == {6}
    assert last.seconds == 0.5 * len(ASKED[idea])
    assert last.scene is not None
    assert last.scene.at
    assert Concepts().listings(ConceptParameters(idea=idea))


async def test_guidance_grows_over_one_prompt() -> None:
    context, last = await shown("guidance")
    asked = [request.parameters for _, request in context.asked]
    assert [values.guidance_scale for values in asked] == [1, 2, 5]
    prompt = SUGGESTIONS["faces"][6 % len(SUGGESTIONS["faces"])]
    assert {values.prompt for values in asked} == {prompt}
    assert last.scene is not None
    assert prompt in last.scene.text
    assert last.scene.numbers == {"scale": "5"}


async def test_the_ends_of_the_walk_are_the_codes_of_the_faces() -> None:
    mu = torch.zeros(2, 128)
    mu[0, 3], mu[1, 3] = 1.5, -0.25
    _, last = await shown("latent", mu=mu)
    assert last.scene is not None
    assert last.scene.numbers["mu_A"] == "1.50"
    assert last.scene.numbers["mu_B"] == "-0.25"


def test_difference_is_the_mean_error_of_all_pairs() -> None:
    images = torch.zeros(3, 3, 4, 4)
    images[2] = 6 * LEVEL
    assert difference(images) == pytest.approx(2 / 3 * 6)
