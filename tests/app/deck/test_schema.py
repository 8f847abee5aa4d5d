"""The schema of a deck's file knows every Play and its controls."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from app.deck.arrangement import arranged
from app.deck.deck import shipped, tree
from app.deck.schema import schema
from app.demos.registry import Demos
from tests.support.demos import DEMOS

PLAYS = arranged(Demos(), shipped())

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_it_is_served(client: TestClient) -> None:
    answer = client.get("/deck.schema.json")
    assert answer.headers["content-type"].startswith("application/schema+json")
    assert answer.json() == json.loads(json.dumps(schema(PLAYS)))


def test_nothing_is_required() -> None:
    assert '"required"' not in json.dumps(schema(PLAYS))


def test_every_play_and_control_is_known_and_no_other() -> None:
    slides = schema(PLAYS)["properties"]["slides"]["properties"]
    for demo in DEMOS:
        slide = slides[str(demo.slide)]["properties"]
        assert demo.name in slide["order"]["items"]["enum"]
        play = slide["plays"]["properties"][demo.name]
        defaults = play["properties"]["defaults"]
        assert defaults["additionalProperties"] is False
        assert play["additionalProperties"] is False
        assert set(defaults["properties"]) == set(play["properties"]["leave_out"]["items"]["enum"])


def test_bounds_and_choices_are_those_of_the_controls() -> None:
    slides = schema(PLAYS)["properties"]["slides"]["properties"]
    play = slides["4"]["properties"]["plays"]["properties"]["denoise"]["properties"]
    known = play["defaults"]["properties"]
    assert (known["num_steps"]["minimum"], known["num_steps"]["maximum"]) == (1, 100)
    assert set(known["solver"]["enum"]) == {"dpm-solver++", "ddim", "ddpm"}
    assert "pattern" not in known["solver"]
    assert not re.search("control|choices", json.dumps(sorted(known["prompt"])))


def test_it_has_the_keys_of_the_shipped_file() -> None:
    known = schema(PLAYS)["properties"]["slides"]["properties"]
    for number, slide in tree()["slides"].items():
        assert set(slide) <= set(known[number]["properties"])


def test_plays_that_a_deck_leaves_out_may_still_be_named() -> None:
    demos = Demos()
    fewer = demos.replaced([demo for demo in demos if demo.name != "likelihood"])
    plays = schema(fewer)["properties"]["slides"]["properties"]["3"]["properties"]["plays"]
    assert "likelihood" in plays["properties"]


def test_what_breaks_a_play_has_the_bounds_of_its_controls() -> None:
    plays = schema(PLAYS)["properties"]["slides"]["properties"]["4"]["properties"]["plays"]
    play = plays["properties"]["denoise"]["properties"]
    breaks = play["breaks"]
    assert breaks["properties"].keys() == {"values", "look"}
    assert breaks["properties"]["values"] == play["defaults"]
    assert breaks["additionalProperties"] is False
