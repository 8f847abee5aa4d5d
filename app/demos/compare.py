"""Slide 5: all families at once, against the clock."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from app.context import Context
from app.deck.comparison import FAMILIES
from app.demos.demo import Demo, Shown, result
from app.demos.panels import Panel, picture
from app.demos.parameters import Parameters


class Race(Demo):
    """Sixteen faces from every family."""

    name, slide, title, family = "race", 5, "Sixteen from each", "winner"
    hint = "Same task, same machine: sixteen faces. Compare sharpness, variety and time."
    models = tuple(FAMILIES)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """One family after the other, so that each is timed alone."""
        panels: list[Panel] = []
        total = 0.0
        for i, (model, name) in enumerate(FAMILIES.items(), 1):
            frame = await result(context, f"{model}.sample", n=16, seed=p.seed)
            total += frame.seconds
            size = context.card(model).get("parameters", 0)
            label = f"{name}: {frame.seconds:.2f} s, {size / 1e6:.1f} M"
            panels.append(picture(frame.view.images, label, f"16 faces by {name}", 4))
            calls = "one network call" if frame.total == 1 else f"{frame.total} network calls"
            note = f"{name} drew sixteen faces in {calls}."
            yield Shown(tuple(panels), note, i, len(FAMILIES), total, i == len(FAMILIES))
