"""Suggestions are of what a model draws, in words that it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from app.demos.controls import controls
from app.demos.prompts.reading import read_class
from app.demos.prompts.suggestions import (
    FACE,
    LANDSCAPE,
    SUGGESTIONS,
    as_faces,
    suggestions,
    worlds,
)
from models.data.captions.subjects import worlds_asked
from models.data.captions.tokenizer import tokenizer
from tests.support.demos import DEMOS

if TYPE_CHECKING:
    from app.context import Context


class Cards:
    """Cards as they are given."""

    def __init__(self, **cards: dict[str, Any]) -> None:
        self.cards = cards

    def card(self, name: str) -> dict[str, Any]:
        return self.cards.get(name, {})


CONTEXT = cast(
    "Context",
    Cards(
        old={"dataset": "faces"},
        new={"dataset": "faces", "worlds": ["faces", "landscapes"]},
        clothes={"dataset": "fashion"},
    ),
)


@pytest.mark.parametrize("world", ["faces", "landscapes"])
def test_every_word_is_known_and_of_its_world(world: str) -> None:
    for prompt in SUGGESTIONS[world]:
        tokens = tokenizer().encode(prompt)
        assert (tokens.unknown, tokens.slips, tokens.cut) == ((), (), "")
        assert worlds_asked(tokens.words) == {world}, prompt


def test_every_piece_of_clothing_is_a_class() -> None:
    assert not any(read_class(prompt).notes for prompt in SUGGESTIONS["fashion"])


def test_what_a_model_draws_is_on_its_card() -> None:
    found = {name: worlds(CONTEXT, name) for name in ("old", "new", "clothes", "lost")}
    assert found == {
        "old": ("faces",),
        "new": ("faces", "landscapes"),
        "clothes": ("fashion",),
        "lost": (),
    }


def test_worlds_take_turns() -> None:
    both = suggestions(["faces", "landscapes"])
    assert both[:2] == (LANDSCAPE, FACE)
    assert set(both) == {*SUGGESTIONS["faces"], *SUGGESTIONS["landscapes"]}
    assert suggestions(["faces"]) == SUGGESTIONS["faces"]
    assert suggestions([]) == ()


def test_a_model_that_knows_more_is_asked_for_a_face_where_all_draw_faces() -> None:
    assert as_faces(CONTEXT, "old") == {}
    asked = as_faces(CONTEXT, "new")
    assert worlds_asked(tokenizer().encode(asked["prompt"]).words) == {"faces"}
    assert asked["guidance_scale"] == 1  # as many network calls as without a prompt


def test_plays_begin_with_the_first_suggestion_of_their_world() -> None:
    begun = {
        demo.name: control.value
        for demo in DEMOS
        for control in controls(demo.parameters())
        if control.kind == "prompt"
    }
    # What is measured or compared asks for what shows a difference.
    chosen = {demo: begun.pop(demo) for demo in ("guidance", "noise")}
    assert all(worlds_asked(tokenizer().encode(p).words) == {"faces"} for p in chosen.values())
    faces = dict.fromkeys(("tokens", "denoise", "paths"), FACE)
    assert begun == faces | dict.fromkeys(("prompt", "space", "attention"), LANDSCAPE)
