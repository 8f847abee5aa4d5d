"""What demos say of what they draw is so."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch

from app.deck.comparison import BLIND, FAMILIES, comparison, origin
from app.deck.tradeoff import tradeoff
from app.demos.compare import Race, place
from app.demos.flow_matching import shares
from app.demos.parameters import Parameters
from app.demos.timeline import DRAWN_BY, NODES, YEARS, Timeline
from models.runtime.zoo import Zoo
from tests.support.demos import DEMOS
from tests.support.finished import Finished
from tests.support.visible import Visible

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.context import Context
    from app.demos.demo import Demo
    from app.demos.kit import Clock, Row, Scene, Tree

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
async def test_a_year_names_what_draws_and_not_itself() -> None:
    frames = [frame async for frame in Timeline().frames(CONTEXT, Parameters())][1:]
    for year, frame in zip(YEARS, frames, strict=True):
        models = [node.model for node in NODES if node.year == year and node.model]
        assert frame.note.startswith(f"{year}: ")
        assert ("No model" in frame.note) == (not models)
        assert all(DRAWN_BY[model] in frame.note for model in models)
    assert frames[-1].done


@pytest.mark.anyio
async def test_the_tree_grows_and_keeps_what_it_has_drawn() -> None:
    frames = [frame async for frame in Timeline().frames(CONTEXT, Parameters())]
    trees = [cast("Tree", frame.scene.root) for frame in frames if frame.scene]
    drawn = [[node.image is not None for node in tree.nodes] for tree in trees]
    assert not any(drawn[0])
    assert drawn[-1] == [bool(node.model) for node in NODES]
    assert all(sum(later) >= sum(before) for before, later in pairwise(drawn))
    assert [tree.now for tree in trees[1:]] == list(YEARS)
    first, last = (cast("Scene", frames[i].scene) for i in (1, -1))
    assert dict(first.numbers) == {"vae": "0.50 s"}
    assert set(last.numbers) == set(DRAWN_BY)
    assert "up to 2025" in last.text


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


def test_a_way_begins_at_noise_alone_and_is_split_into_noise_and_image() -> None:
    noise, image = torch.tensor([2.0, 0.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 1.0, 0.0])
    assert shares(noise, noise) == (0, 1)
    rest, share = shares(0.25 * noise + image, noise)
    assert share == pytest.approx(0.25)
    assert rest == pytest.approx(0.5**0.5)


def test_the_plane_of_quality_and_time_is_the_cards() -> None:
    plane = tradeoff(CONTEXT)
    assert plane is not None
    assert [spot.name for spot in plane.spots] == list(FAMILIES.values())
    cards = [Zoo().card(model)["measured"] for model in FAMILIES]
    for values, axis in (
        ([card["speed"]["seconds_16"] for card in cards], 0),
        ([card["samples"]["frechet"] for card in cards], 1),
    ):
        order = sorted(range(len(cards)), key=values.__getitem__)
        assert order == sorted(order, key=lambda i: plane.spots[i].label.point[axis])
    assert not any(a.label.collides(b.label) for a, b in combinations(plane.spots, 2))


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
