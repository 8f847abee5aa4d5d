"""Slide 6: diffusion and flow matching by the same network, on bent and on straight paths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.context import Context
from app.demos.demo import Demo, Frame, side_by_side, waiting
from app.demos.panels import Bar, Bars, Panel, picture
from app.demos.parameters import Parameters, prompt, slider_of
from app.demos.suggestions import FACE
from app.engine import Progress
from models.procedures.guided import GuidedParameters

PAIR = {"diffusion": "Diffusion", "flow-matching": "Flow matching"}
LONGEST = 1.5
"""Length of a way that fills its bar."""


class PathsParameters(Parameters):
    """How many steps both may take."""

    prompt: str = prompt(FACE)
    num_steps: int = slider_of(GuidedParameters, "num_steps", "Steps", default=6, high=50)
    guidance_scale: float = slider_of(
        GuidedParameters, "guidance_scale", "Guidance", high=8, step=0.5
    )


class Paths(Demo[PathsParameters]):
    """The same noise sent down both models' paths."""

    name, slide, order, title, family = "paths", 6, 2, "Straight paths", "diffusion"
    hint = "Same noise; diffusion went on from flow matching's weights. Fewer steps: who gives in?"
    models = ("diffusion", "flow-matching", "clip")
    parameters = PathsParameters

    async def frames(self, context: Context, p: PathsParameters) -> AsyncGenerator[Frame, None]:
        """Both by first-order steps, DDIM and Euler, at once."""
        plays = [
            (name, context.request(
                name, n=4, seed=p.seed, prompt=p.prompt, num_steps=p.num_steps,
                guidance_scale=p.guidance_scale, solver=solver,
            ))
            for name, solver in (("diffusion.sample", "ddim"), ("flow-matching.sample", "euler"))
        ]  # fmt: skip
        words = self.read(context, p)
        async with aclosing(side_by_side(context, plays)) as pairs:
            async for frames in pairs:
                queued = next((f for f in frames if f.waits), None)
                if queued is not None:
                    yield waiting(queued)
                    continue
                panels = await asyncio.to_thread(self._draw, frames)
                step, total = min(f.step for f in frames), frames[0].total
                seconds = max(f.seconds for f in frames)
                done = all(f.done for f in frames)
                note = words.after(f"Step {step} of {total} on both paths.")
                yield Frame((*panels, words), note, step, total, seconds, done)

    @staticmethod
    def _draw(frames: Sequence[Progress]) -> list[Panel]:
        views = [f.view for f in frames]
        panels: list[Panel] = [
            picture(view.images, name, f"Four faces by {name.lower()}", 2, 2)
            for name, view in zip(PAIR.values(), views, strict=True)
        ]
        bars = tuple(
            Bar(name, (view.extras["detour"] - 1) / (LONGEST - 1), f"{view.extras['detour']:.2f}")
            for name, view in zip(PAIR.values(), views, strict=True)
        )
        return [*panels, Bars("Length of the way, a straight line being 1", bars)]
