"""From a slide's address to a demo with validated parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request
from pydantic import ValidationError

from app.context import Context
from app.deck.templates import templates
from app.demos.demo import PROMPTS, Demo, Shown
from app.demos.parameters import Control, Parameters, controls
from app.demos.registry import find, for_slide
from app.errors import sentence
from models.data.fashion import CLASSES

SLIDES = range(1, 9)


@dataclass(frozen=True)
class Stage:
    """What the stage of a slide shows: a demo and its parameters."""

    slide: int
    demo: Demo
    parameters: Parameters

    def report(self, shown: Shown) -> str:
        """What was computed, from which seed and in what time."""
        return f"{shown.note} Seed {self.parameters.seed}, {shown.seconds:.2f}\N{NO-BREAK SPACE}s."

    def render(self, shown: Shown) -> str:
        """A frame as HTML; its pictures become files here, which is not for the event loop."""
        return templates.get_template("demos/frame.html").render(frame=shown, stage=self)

    def controls(self) -> list[Control]:
        """The demo's controls with their values."""
        return controls(self.parameters)

    def template_context(self, context: Context) -> dict[str, Any]:
        """What the stage's template needs."""
        cards = [(name, context.card(name)) for name in self.demo.models]
        problems = [context.problems[n] for n in self.demo.models if n in context.problems]
        return {
            "stage": self,
            "demo": self.demo,
            "demos": for_slide(self.slide),
            "controls": self.controls(),
            "cards": cards,
            "problems": problems,
            "prompts": (*PROMPTS, *CLASSES) if hasattr(self.parameters, "dataset") else PROMPTS,
        }


async def read_stage(number: int, request: Request) -> Stage:
    """Dependency: the stage that the address asks for; not a plain function, which FastAPI would
    run in a thread, three hundred at once when a class presses Play.

    Names that the demo does not know are left out: course platforms, mail programs and social
    networks add their own (``utm_source``, ``fbclid``) to every link.

    Raises:
        HTTPException: 404 for a slide or demo that does not exist, 422 for bad parameters.
    """
    if number not in SLIDES:
        raise HTTPException(404, f"There is no slide {number}; the deck has 1 to {SLIDES[-1]}.")
    query = request.query_params
    name = query.get("demo")
    try:
        demo = find(number, name)
    except KeyError:
        names = ", ".join(d.name for d in for_slide(number))
        raise HTTPException(404, f"Slide {number} has no demo {name!r}; it has {names}.") from None
    own = {field: query[field] for field in demo.parameters.model_fields if field in query}
    try:
        return Stage(number, demo, demo.parameters.model_validate(own))
    except ValidationError as error:
        raise HTTPException(422, sentence(error.errors())) from error
