"""What demos say of what they draw is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from app.deck.comparison import BLIND, comparison, origin
from app.demos.timeline import DRAWN_BY, MILESTONES, Timeline, TimelineParameters
from models.runtime.zoo import Zoo
from tests.support.demos import DEMOS
from tests.support.finished import Finished
from tests.support.visible import Visible

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.context import Context
    from app.demos.demo import Demo

CONTEXT = cast("Context", Finished())


def test_the_origin_is_the_card_s() -> None:
    known = Zoo().card("diffusion")["origin"]
    said = origin(CONTEXT, "diffusion")
    assert known["name"] in said
    assert f"{known['images']:,}" in said
    assert origin(CONTEXT, "flow-matching") == ""


def test_the_credits_tell_what_each_model_began_with(client: TestClient) -> None:
    seen = Visible(client.get("/about").text).text
    assert "flow-matching after 260,000 images" in seen
    assert "random weights" in seen


def test_control_without_prompts_is_none_by_construction() -> None:
    texts = {row.model: row.cells[3].text for row in comparison(CONTEXT)}
    assert {model for model, text in texts.items() if text == BLIND} == {"vae", "gan", "flow"}
    assert not any(cell.text == "–" for row in comparison(CONTEXT) for cell in row.cells)


@pytest.mark.anyio
@pytest.mark.parametrize("milestone", MILESTONES, ids=lambda m: m.year)
async def test_a_year_names_what_draws_and_not_itself(milestone: Any) -> None:
    p = TimelineParameters(year=milestone.year)
    last = [frame async for frame in Timeline().frames(CONTEXT, p)][-1]
    assert last.note == (
        f"Drawn by {DRAWN_BY[milestone.model]}."
        if milestone.model
        else "No model of this kind runs here."
    )
    assert "of the kind of" not in last.note


@pytest.mark.parametrize("demo", DEMOS, ids=lambda d: d.name)
def test_a_seed_is_shown_where_it_changes_something(client: TestClient, demo: Demo[Any]) -> None:
    page = client.get(f"/slides/{demo.slide}?demo={demo.name}&seed=3").text
    assert ("data-reroll" in page) == demo.seeded
    assert Visible(page).fields["seed"] == "3"


@pytest.mark.parametrize("name", ["interpolate", "compress"])
def test_another_seed_of_those_without_gives_the_same(name: str) -> None:
    demo = next(d for d in DEMOS if d.name == name)
    assert not demo.seeded
    procedure = {"interpolate": "vae.interpolate", "compress": "latent-diffusion.autoencode"}[name]
    sampler = Zoo().sampler(procedure)
    size = {"interpolate": (2, 3, 64, 64), "compress": (1, 3, 128, 128)}[name]
    images = torch.rand(size) * 2 - 1
    one, two = (sampler.run(sampler.request(seed=seed, images=images)).images for seed in (1, 2))
    assert torch.equal(one, two)
