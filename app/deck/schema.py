"""The JSON schema of a deck's file, for editors: every slide, its Plays and their controls."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from app.deck.deck import Breaks, Deck, PlayWords, SlideWords
from app.demos.controls import control_of
from app.demos.demo import Demo
from app.demos.registry import Demos

TITLE = "deck.toml: what differs from the shipped deck"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(demos: Demos) -> dict[str, Any]:
    """The schema of a file that may give any part; see :class:`~app.deck.deck.Deck`.

    Args:
        demos: whose Plays the file may speak of, also of those that the present deck leaves out.
    """
    form = _all_may_lack(Deck.model_json_schema())
    parts = form["$defs"]
    slide, play, breaks = (parts.pop(kind.__name__) for kind in (SlideWords, PlayWords, Breaks))
    form["properties"]["slides"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            str(number): _slide(slide, play, breaks, [d for d in demos.all if d.slide == number])
            for number in sorted({demo.slide for demo in demos.all})
        },
    }
    return {"$schema": DRAFT, **form, "title": TITLE}


def _slide(form: Any, play: Any, breaks: Any, demos: list[Demo[Any]]) -> Any:
    slide, names = deepcopy(form), [demo.name for demo in demos]
    for key in ("order", "leave_out"):
        slide["properties"][key]["items"] = {"enum": names}
    slide["properties"]["plays"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {demo.name: _play(play, breaks, demo) for demo in demos},
    }
    return slide


def _play(form: Any, breaks: Any, demo: Demo[Any]) -> Any:
    play, fields = deepcopy(form), demo.parameters.model_fields
    shown = [name for name, info in fields.items() if control_of(info) != "hidden"]
    known = demo.parameters.model_json_schema()["properties"]
    play["properties"]["leave_out"]["items"] = {"enum": shown}
    values = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _value(known[name]) for name in shown},
    }
    play["properties"]["defaults"] = values
    play["properties"]["breaks"] = deepcopy(breaks)
    play["properties"]["breaks"]["properties"]["values"] = values
    return play


def _value(known: dict[str, Any]) -> dict[str, Any]:
    """What a control may begin with, without what is only for the page."""
    value = {key: known[key] for key in known.keys() - {"control", "choices", "step", "input"}}
    if "choices" in known:
        del value["pattern"]
        value["enum"] = list(known["choices"])
    return value


def _all_may_lack(form: Any) -> Any:
    """Nothing is required where a file gives only what differs."""
    if isinstance(form, list):
        return [_all_may_lack(item) for item in form]
    if not isinstance(form, dict):
        return form
    return {key: _all_may_lack(item) for key, item in form.items() if key != "required"}
