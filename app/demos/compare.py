"""Slide 5: all families at once, against the clock."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.context import Context
from app.deck.comparison import FAMILIES
from app.demos.demo import Demo, Frame, Result
from app.demos.panels import Panel, picture
from app.demos.parameters import Parameters
from app.demos.suggestions import as_faces


class Race(Demo[Parameters]):
    """Sixteen faces from every family."""

    name, slide, order, title, family = "race", 5, 1, "Sixteen from each", "winner"
    hint = "Compare sharpness and variety. The times are live: of this server, now."
    models = tuple(FAMILIES)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """One family after the other, so that each is timed alone."""
        panels: list[Panel] = []
        seconds = 0.0
        for i, (model, name) in enumerate(FAMILIES.items(), 1):
            asked = as_faces(context, model)
            drawing = Result(context, f"{model}.sample", n=16, seed=p.seed, **asked)
            if panels:
                await drawing.wait()
            else:
                opening = drawing.frames(f"{name} is drawing sixteen faces.", len(FAMILIES))
                async with aclosing(opening) as frames:
                    async for frame in frames:
                        yield frame
            end = drawing.end
            seconds += end.seconds
            size = context.card(model).get("parameters", 0)
            label = f"{name}: {end.seconds:.2f} s, {size / 1e6:.1f} M"
            panels.append(picture(end.view.images, label, f"16 faces by {name}", 4))
            calls = "one network call" if end.total == 1 else f"{end.total} network calls"
            note = f"{name} drew sixteen faces in {calls}."
            yield Frame(tuple(panels), note, i, len(FAMILIES), seconds, i == len(FAMILIES))
