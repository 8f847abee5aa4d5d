"""What breaks a Play: a link to the values by which it fails, and back; its words for the hint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from app.deck.arrangement import arranged, misfits
from app.deck.deck import Deck, shipped, tree
from app.deck.deckfile import merged
from app.deck.stage import Stage
from app.demos.registry import Demos
from tests.support.demos import DEMOS
from tests.support.visible import Visible

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from app.demos.demo import Demo

BREAKABLE = [demo for demo in DEMOS if demo.breaks]
ADDRESS = "/slides/{0.slide}?demo={0.name}"


def denoise(**given: Any) -> Demo[Any]:
    """The Play of a deck that differs in this."""
    other = merged(tree(), {"slides": {"4": {"plays": {"denoise": given}}}})
    return arranged(Demos(), Deck.model_validate(other)).find(4, "denoise")


def test_the_shipped_deck_breaks_what_its_families_have_to_show() -> None:
    assert {(d.slide, d.name) for d in BREAKABLE} == {
        (2, "fresh"), (3, "flow"), (4, "denoise"), (4, "guidance"),
    }  # fmt: skip
    assert list(misfits(Demos(), shipped(), tree())) == []


@pytest.mark.parametrize("demo", BREAKABLE, ids=lambda d: d.name)
def test_the_way_there_leads_back(demo: Demo[Any]) -> None:
    begun = demo.parameters()
    stage = Stage(demo.slide, demo, begun)
    assert not stage.broken
    there = {name: value for name, (value,) in parse_qs(stage.other_way).items()}
    assert there.pop("demo") == demo.name
    broken = Stage(demo.slide, demo, demo.parameters.model_validate(there))
    assert broken.broken
    back = {name: value for name, (value,) in parse_qs(broken.other_way).items()}
    assert demo.parameters.model_validate({k: back[k] for k in there}) == begun


@pytest.mark.parametrize("demo", BREAKABLE, ids=lambda d: d.name)
def test_a_page_says_what_to_look_for_while_it_is_broken(
    client: TestClient, demo: Demo[Any]
) -> None:
    whole = Visible(client.get(ADDRESS.format(demo)).text).text
    assert demo.hint in whole
    assert demo.look not in whole
    assert "Break it" in whole
    query = "".join(f"&{name}={value}" for name, value in demo.breaks.items())
    broken = Visible(client.get(ADDRESS.format(demo) + query).text).text
    assert demo.look in broken
    assert demo.hint not in broken
    assert "Mend it" in broken


def test_a_deck_of_ones_own_breaks_it_otherwise_or_not_at_all() -> None:
    otherwise = denoise(breaks={"values": {"guidance_scale": 8.0}})
    assert otherwise.breaks == {"num_steps": 2, "guidance_scale": 8.0}
    assert not denoise(breaks={"look": ""}).breaks
    assert not denoise(leave_out=["num_steps"]).breaks
    assert not denoise(defaults={"num_steps": 2}).breaks  # it begins so
