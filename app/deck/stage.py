"""From a slide's address to a demo with validated parameters."""

from __future__ import annotations

import re
import secrets
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Request
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from app.context import Context, get_context
from app.deck.templates import templates
from app.demos.controls import Control, controls, controls_here
from app.demos.demo import Demo, Frame
from app.demos.parameters import Parameters
from app.demos.prompts.suggestions import suggestions
from app.errors import sentence

SLIDES = range(1, 9)
INDENT = re.compile(r"\n\s+")
"""Of a frame's HTML, which is sent hundreds of times."""
SEEDS = 1_000_000
"""Seeds that surprise are below it: enough to draw from, and short enough to read."""


@dataclass(frozen=True)
class Stage:
    """What the stage of a slide shows: a demo and its parameters."""

    slide: int
    demo: Demo[Any]
    parameters: Parameters

    @classmethod
    def opening(cls, context: Context, number: int) -> Stage:
        """A slide's first Play as it begins.

        Raises:
            KeyError: the slide has none.
        """
        demo = context.demos.find(number)
        values = {"seed": surprise()} if demo.surprising else {}
        return cls(number, demo, demo.parameters.model_validate(values))

    @property
    def key(self) -> Hashable:
        """Equal for stages whose Plays show the same."""
        return self.slide, self.demo.name, self.parameters.model_dump_json()

    @property
    def broken(self) -> bool:
        """Whether its values are those by which the Play fails."""
        breaks = self.demo.breaks.items()
        return bool(breaks) and all(getattr(self.parameters, k) == value for k, value in breaks)

    @property
    def mends(self) -> dict[str, Any]:
        """What the values by which the Play fails are by default."""
        fields = self.demo.parameters.model_fields
        return {name: fields[name].default for name in self.demo.breaks}

    @property
    def other_way(self) -> str:
        """Query of the same Play with the values by which it fails, or, if it has them, without."""
        values = self.mends if self.broken else self.demo.breaks
        return urlencode({"demo": self.demo.name, **self.parameters.model_dump(), **values})

    def report(self, frame: Frame) -> str:
        """What was computed, from which seed and in what time, as far as they mean something."""
        facts = [f"seed {self.parameters.seed}"] if self.demo.seeded else []
        if frame.seconds is not None:
            facts.append(f"{frame.seconds:.2f}\N{NO-BREAK SPACE}s")
        text = ", ".join(facts)
        return f"{frame.note} {text[0].upper()}{text[1:]}." if text else frame.note

    def render(self, frame: Frame) -> str:
        """A frame as HTML; its pictures become files here, which is not for the event loop."""
        text = templates.get_template("demos/frame.html").render(frame=frame, stage=self)
        return INDENT.sub(" ", text)

    def controls(self) -> list[Control]:
        """The demo's controls with their values."""
        return controls(self.parameters)

    def template_context(self, context: Context) -> dict[str, Any]:
        """What the stage's template needs."""
        cards = [(name, context.card(name)) for name in self.demo.models]
        outline = self.demo.outline(context, self.parameters)
        problems = [context.problems[n] for n in self.demo.models if n in context.problems]
        return {
            "stage": self,
            "demo": self.demo,
            "demos": context.demos.for_slide(self.slide),
            "controls": controls_here(self.demo, self.parameters, context),
            "cards": cards,
            "unplayed": outline and Frame("", 0, 1, None, scene=outline, waits=True),
            "formula": self.demo.formula(self.parameters),
            "listings": self.demo.listings(self.parameters),
            "problems": problems,
            "prompts": suggestions(self.demo.worlds(context)),
            "words": self.demo.read(context, self.parameters),
        }


async def read_stage(
    number: int, request: Request, context: Annotated[Context, Depends(get_context)]
) -> Stage:
    """Dependency: the stage that the address asks for; not a plain function, which FastAPI would
    run in a thread, three hundred at once when a class presses Play.

    Names that the demo does not know are left out: course platforms, mail programs and social
    networks add their own (``utm_source``, ``fbclid``) to every link. An emptied number means its
    default.

    Raises:
        HTTPException: 404 for a slide or demo that does not exist, 422 for bad parameters.
    """
    if number not in SLIDES:
        raise HTTPException(404, f"There is no slide {number}; the deck has 1 to {SLIDES[-1]}.")
    query = request.query_params
    name = query.get("demo")
    try:
        demo = context.demos.find(number, name)
    except KeyError:
        names = ", ".join(d.name for d in context.demos.for_slide(number))
        raise HTTPException(404, f"Slide {number} has no demo {name!r}; it has {names}.") from None
    fields = demo.parameters.model_fields.keys() - demo.left_out
    own = {field: _text(query, demo.parameters, field) for field in fields if field in query}
    own = {f: text for f, text in own.items() if text or not _is_number(demo.parameters, f)}
    if demo.surprising and "seed" not in own:
        own["seed"] = surprise()
    try:
        return Stage(number, demo, demo.parameters.model_validate(own))
    except ValidationError as error:
        raise HTTPException(422, sentence(error.errors())) from error


def surprise() -> str:
    """A seed that nobody has asked for."""
    return str(secrets.randbelow(SEEDS))


def _text(query: QueryParams, parameters: type[Parameters], field: str) -> str:
    """What an address says of a field; of one that holds several things, all that it names."""
    extra: Any = parameters.model_fields[field].json_schema_extra or {}
    return ",".join(filter(None, query.getlist(field))) if extra.get("several") else query[field]


def _is_number(parameters: type[Parameters], field: str) -> bool:
    return parameters.model_fields[field].annotation in (int, float)
