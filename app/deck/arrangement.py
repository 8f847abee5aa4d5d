"""The Plays as a deck has them: which, in which order, called what, beginning with what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from pydantic import ValidationError, create_model

from app.deck.deck import Deck, PlayWords, SlideWords
from app.deck.faults import Fault, named, reason
from app.demos.controls import control_of
from app.demos.demo import Demo
from app.demos.parameters import Parameters
from app.demos.registry import Demos


def arranged(demos: Demos, deck: Deck) -> Demos:
    """The Plays that the deck shows; those that it leaves out are known to be gone."""
    return demos.replaced(
        [
            _changed(demo, slide.plays.get(demo.name, PlayWords()))
            for number, slide in sorted(deck.slides.items())
            for demo in _in_order(demos.for_slide(int(number)), slide)
        ]
    )


def _in_order(demos: Sequence[Demo[Any]], slide: SlideWords) -> list[Demo[Any]]:
    places = {name: place for place, name in enumerate(slide.order)}
    shown = [demo for demo in demos if demo.name not in slide.leave_out]
    return sorted(shown, key=lambda demo: places.get(demo.name, len(places)))


def _changed(demo: Demo[Any], words: PlayWords) -> Demo[Any]:
    """A copy of the Play whose own attributes stand before those of its class."""
    own: dict[str, Any] = words.model_dump(include={"title", "hint", "beside"}, exclude_none=True)
    own.setdefault("title", demo.title or demo.name.capitalize())
    own["parameters"] = _begun(demo.parameters, words.defaults)
    own["left_out"] = frozenset(words.leave_out)
    own["look"], own["breaks"] = words.breaks.look, _breaking(own["parameters"], words)
    # A seed that is given, or that cannot be seen, is no surprise.
    own["surprising"] = demo.surprising and "seed" not in {*words.defaults, *words.leave_out}
    changed = copy(demo)
    vars(changed).update(own)
    return changed


def _begun(kind: type[Parameters], defaults: Mapping[str, Any]) -> type[Parameters]:
    """The parameters with other defaults."""
    given = kind.model_validate(dict(defaults), strict=True)
    fields: dict[str, Any] = {}
    for name in defaults:
        info = copy(kind.model_fields[name])
        if info.default != getattr(given, name):
            info.default = getattr(given, name)
            fields[name] = (info.annotation, info)
    return create_model(kind.__name__, __base__=kind, **fields) if fields else kind


def _breaking(kind: type[Parameters], words: PlayWords) -> dict[str, Any]:
    """Values by which the Play fails; none where it begins so, or lacks a control for them."""
    values = words.breaks.values
    begins = all(kind.model_fields[name].default == value for name, value in values.items())
    shown = words.breaks.look and not values.keys() & set(words.leave_out)
    return dict(values) if shown and not begins else {}


def misfits(demos: Demos, deck: Deck, given: Mapping[str, Any]) -> Iterator[Fault]:
    """What a deck's file says of Plays and controls that there are not, or that they cannot be.

    Args:
        demos: all there are.
        deck: what the file makes of the shipped deck.
        given: the file's tables.
    """
    for number in given.get("slides", {}):
        slide, keys = deck.slides[number], ("slides", number)
        known = [demo.name for demo in demos.for_slide(int(number))]
        headings = [heading for heading, facts in slide.facts.items() if facts]
        for key in ("order", "leave_out"):
            for place, name in enumerate(getattr(slide, key)):
                if name not in known:
                    yield Fault((*keys, key, place), named("Play of this slide", name, known))
        if known and set(known) <= set(slide.leave_out):
            yield Fault((*keys, "leave_out"), "a slide needs a Play; this leaves out all of them")
        for name in given["slides"][number].get("plays", {}):
            if name not in known:
                yield Fault((*keys, "plays", name), named("Play of this slide", name, known))
            else:
                demo = demos.find(int(number), name)
                yield from _wrong(demo, slide.plays[name], (*keys, "plays", name))
                beside = given["slides"][number]["plays"][name].get("beside")
                if beside and beside not in headings:
                    fault = named("heading of this slide", beside, headings)
                    yield Fault((*keys, "plays", name, "beside"), fault)


def _wrong(demo: Demo[Any], words: PlayWords, keys: tuple[str, ...]) -> Iterator[Fault]:
    fields = demo.parameters.model_fields
    known = [name for name, info in fields.items() if control_of(info) != "hidden"]
    for place, name in enumerate(words.leave_out):
        if name not in known:
            yield Fault((*keys, "leave_out", place), named("control of this Play", name, known))
    yield from _unfit(demo, known, words.defaults, (*keys, "defaults"))
    yield from _unfit(demo, known, words.breaks.values, (*keys, "breaks", "values"))


def _unfit(
    demo: Demo[Any], known: Sequence[str], values: Mapping[str, Any], keys: tuple[str, ...]
) -> Iterator[Fault]:
    """Values of controls that there are not, or that they cannot have."""
    for name in values:
        if name not in known:
            yield Fault((*keys, name), named("control of this Play", name, known))
    try:
        demo.parameters.model_validate(
            {name: value for name, value in values.items() if name in known}, strict=True
        )
    except ValidationError as error:
        for item in error.errors():
            name = str(item["loc"][0])
            extra: Any = demo.parameters.model_fields[name].json_schema_extra or {}
            why = reason(item, list(extra.get("choices", {})))
            yield Fault((*keys, name), why)
