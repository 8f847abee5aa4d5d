"""Slide 5: all families at once, against the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from app.context import Context
from app.demos.demo import Demo, Shown, result
from app.demos.panels import Bar, Bars, Panel, picture
from app.demos.parameters import Parameters
from models.sampler import Request

FAMILIES = {
    "vae": "VAE",
    "gan": "GAN",
    "flow": "Flow",
    "autoregressive": "Autoregressive",
    "diffusion": "Diffusion",
    "latent-diffusion": "Latent diffusion",
}
"""Sampling model of each family → how it is called on slides."""


class Race(Demo):
    """Sixteen faces from every family."""

    name, slide, title, family = "race", 5, "Sixteen from each", "winner"
    hint = "Same task, same machine: sixteen faces. Compare sharpness, variety and time."
    models = tuple(FAMILIES)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Shown, None]:
        """One family after the other, so that each is timed alone."""
        panels: list[Panel] = []
        times: list[tuple[str, float, int]] = []
        for i, (model, name) in enumerate(FAMILIES.items(), 1):
            frame = await result(context, f"{model}.sample", Request(n=16, seed=p.seed))
            assert frame.view is not None
            size = context.card(model).get("parameters", 0)
            times.append((name, frame.seconds, frame.total))
            label = f"{name}: {frame.seconds:.2f} s, {size / 1e6:.1f} M"
            panels.append(
                await asyncio.to_thread(picture, frame.view.images, label, f"16 faces by {name}", 4)
            )
            longest = max(seconds for _, seconds, _ in times)
            bars = tuple(
                Bar(n, s / longest, f"{s:.2f} s, {c} {'call' if c == 1 else 'calls'}")
                for n, s, c in times
            )
            total = sum(seconds for _, seconds, _ in times)
            done = i == len(FAMILIES)
            shown = (*panels, Bars("Time for sixteen faces", bars))
            yield Shown(shown, f"{name} drew sixteen faces.", i, len(FAMILIES), total, done)


@dataclass(frozen=True)
class Row:
    """A row of the comparison table: the chapter's words and what was measured."""

    family: str
    accent: str
    words: tuple[str, ...]
    measured: tuple[str, ...]


CHAPTER = {
    "vae": ("low", "high", "high", "low", "fast"),
    "gan": ("high", "low", "low", "low", "fast"),
    "flow": ("medium", "high", "high", "medium", "slow"),
    "autoregressive": ("high", "high", "high", "high", "slow"),
    "diffusion": ("high", "high", "high", "high", "medium"),
}
COLUMNS = ("quality", "stable", "diverse", "control", "speed")


def comparison(context: Context) -> list[Row]:
    """The chapter's table beside the measured values of the cards."""
    return [
        Row(FAMILIES[model], model, words, _measured(context.card(model).get("measured", {})))
        for model, words in CHAPTER.items()
    ]


UNMEASURED = "–"


def _measured(measured: dict[str, Any]) -> tuple[str, ...]:
    """Cells for quality, stability, diversity, control and speed."""
    samples, prompts = measured.get("samples", {}), measured.get("prompts", {})
    quality, diverse, control, speed = [UNMEASURED] * 4
    if "frechet" in samples:
        quality = f"FD {samples['frechet']:.0f}"
    if "coverage" in samples:
        diverse = f"{samples['coverage']:.0%} covered"
    if "mean_head_accuracy" in prompts:
        control = f"{prompts['mean_head_accuracy']:.0%} obeyed"
    if "speed" in measured:
        speed = f"{measured['speed']['seconds_16']:.2f} s"
    return quality, UNMEASURED, diverse, control, speed
