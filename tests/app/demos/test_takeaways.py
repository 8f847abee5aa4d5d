"""Slide 8: each idea asks for what shows it, and ends with its sentence."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from app.demos import takeaways
from app.demos.demo import Frame
from app.demos.suggestions import SUGGESTIONS
from app.demos.takeaways import IDEAS, ConceptParameters, Concepts
from models.runtime.sampler import View
from models.runtime.zoo import Zoo
from tests.support.finished import Finished

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from app.context import Context

pytestmark = pytest.mark.anyio

ZOO = Zoo()


class End:
    """A finished drawing of gray pictures."""

    seconds = 0.5

    def __init__(self, n: int) -> None:
        self.view = View(torch.zeros(n, 3, 8, 8))


class Drawn:
    """Notes the request, which is checked as the app would, and draws gray."""

    asked: list[tuple[str, dict[str, Any]]]

    def __init__(self, context: Context, procedure: str, **values: Any) -> None:
        request = ZOO.request(procedure, **values)
        self.asked.append((procedure, values))
        self.end = End(request.n)

    async def frames(self, note: str) -> AsyncGenerator[Frame, None]:
        yield Frame((), note, 0, 1)

    async def wait(self) -> None:
        pass


ASKED = {
    "latent": ["vae.interpolate"],
    "adversarial": ["gan.sample", "gan-collapsed.sample"],
    "denoising": ["diffusion.sample"] * 3,
    "guidance": ["diffusion.sample"] * 3,
    "hybrid": ["latent-diffusion.sample"],
}


@pytest.mark.parametrize("idea", IDEAS)
async def test_an_idea_is_shown_by_what_it_names(
    idea: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeaways, "Result", Drawn)
    monkeypatch.setattr(Drawn, "asked", [], raising=False)
    frames = Concepts().frames(cast("Context", Finished()), ConceptParameters(idea=idea, seed=6))
    async with aclosing(frames) as shown:
        first, last = [frame async for frame in shown]
    assert not first.done
    assert last.done
    assert [name for name, _ in Drawn.asked] == ASKED[idea]
    assert {values["seed"] for _, values in Drawn.asked} == {6}
    assert last.seconds == 0.5 * len(ASKED[idea])
    assert len(last.panels) == len(ASKED[idea]) + 1
    told = [values for _, values in Drawn.asked]
    if idea == "denoising":
        assert [values["num_steps"] for values in told] == [2, 5, 20]
    if idea == "guidance":
        assert [values["guidance_scale"] for values in told] == [1, 2, 5]
        prompt = SUGGESTIONS["faces"][6 % len(SUGGESTIONS["faces"])]
        assert {values["prompt"] for values in told} == {prompt}
        assert prompt in last.note
