"""Slide 6: diffusion and its flow-matching twin, on bent and on straight paths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

from app.context import Context
from app.demos.autoregressive import read_words
from app.demos.demo import PROMPTS, Demo, Shown, side_by_side, waiting
from app.demos.panels import Bar, Bars, Panel, picture
from app.demos.parameters import Parameters, prompt, slider
from app.engine import Frame

TWINS = {"diffusion": "Diffusion", "flow-matching": "Flow matching"}
LONGEST = 1.5
"""Length of a way that fills its bar."""


class PathsParameters(Parameters):
    """How many steps both may take."""

    prompt: str = prompt(PROMPTS[0])
    num_steps: int = slider(6, 1, 50, 1, "Steps")
    guidance_scale: float = slider(2, 0, 8, 0.5, "Guidance")


class Paths(Demo):
    """The same noise sent down both models' paths."""

    name, slide, title, family = "paths", 6, "Straight paths", "diffusion"
    hint = "Same network, same noise, as many steps. Take steps away: when does each side give in?"
    models = ("diffusion", "flow-matching", "clip")
    parameters = PathsParameters

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """Both by first-order steps, DDIM and Euler, at once."""
        wanted = cast(PathsParameters, p)
        plays = [
            (name, context.request(
                name, n=4, seed=p.seed, prompt=wanted.prompt, num_steps=int(wanted.num_steps),
                guidance_scale=wanted.guidance_scale, solver=solver,
            ))
            for name, solver in (("diffusion.sample", "ddim"), ("flow-matching.sample", "euler"))
        ]  # fmt: skip
        words = read_words(wanted.prompt)
        async with aclosing(side_by_side(context, plays)) as pairs:
            async for frames in pairs:
                queued = next((f for f in frames if f.waits), None)
                if queued is not None:
                    yield waiting(queued)
                    continue
                panels = await asyncio.to_thread(self._draw, frames)
                step, total = min(f.step for f in frames), frames[0].total
                note = f"Step {step} of {total} on both paths."
                seconds = max(f.seconds for f in frames)
                done = all(f.done for f in frames)
                yield Shown((*panels, words), note, step, total, seconds, done)

    @staticmethod
    def _draw(frames: Sequence[Frame]) -> list[Panel]:
        views = [f.view for f in frames]
        panels: list[Panel] = [
            picture(view.images, name, f"Four faces by {name.lower()}", 2, 2)
            for name, view in zip(TWINS.values(), views, strict=True)
        ]
        bars = tuple(
            Bar(name, (view.extras["detour"] - 1) / (LONGEST - 1), f"{view.extras['detour']:.2f}")
            for name, view in zip(TWINS.values(), views, strict=True)
        )
        return [*panels, Bars("Length of the way, a straight line being 1", bars)]
