"""Slide 5: all families at once, against the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from torch import Tensor

from app.comparison import FAMILIES
from app.context import Context
from app.demos.demo import Demo, Shown, result
from app.demos.panels import Panel, picture
from app.demos.parameters import Parameters
from models.sampler import Request


class Race(Demo):
    """Sixteen faces from every family."""

    name, slide, title, family = "race", 5, "Sixteen from each", "winner"
    hint = "Same task, same machine: sixteen faces. Compare sharpness, variety and time."
    models = tuple(FAMILIES)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """One family after the other, so that each is timed alone."""
        drawn: list[tuple[Tensor, str, str]] = []
        total = 0.0
        for i, (model, name) in enumerate(FAMILIES.items(), 1):
            frame = await result(context, f"{model}.sample", Request(n=16, seed=p.seed))
            total += frame.seconds
            size = context.card(model).get("parameters", 0)
            label = f"{name}: {frame.seconds:.2f} s, {size / 1e6:.1f} M"
            drawn.append((frame.view.images, label, f"16 faces by {name}"))
            done = i == len(FAMILIES)
            panels = await asyncio.to_thread(self._draw, drawn, done)
            calls = "one network call" if frame.total == 1 else f"{frame.total} network calls"
            note = f"{name} drew sixteen faces in {calls}."
            yield Shown(panels, note, i, len(FAMILIES), total, done)

    @staticmethod
    def _draw(drawn: Sequence[tuple[Tensor, str, str]], exact: bool) -> tuple[Panel, ...]:
        return tuple(picture(*one, columns=4, exact=exact) for one in drawn)
