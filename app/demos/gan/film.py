"""Slide 2: two trainings of the adversarial game."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, opening, side_by_side, waiting
from app.demos.gan.symbols import DRAWN, LOSS_D, LOSS_G, PAIRING, REAL
from app.demos.kit import (
    Bar,
    Bars,
    Column,
    Film,
    Formula,
    Line,
    Listing,
    Picture,
    Plane,
    Point,
    Row,
    Scene,
    Symbol,
    sub,
)
from app.demos.parameters import Parameters
from models.families.gan import discriminator_loss_2014, generator_loss_2014, relativistic_loss
from models.runtime.sampler import View

SHOWN = 9
"""Faces of each training."""
KNOWN = 64
"""Real faces beside them in the plane."""
WIDEST = 12.0
"""Logits that fill a bar."""


class FilmOfTraining(Demo[Parameters]):
    """Two trainings side by side."""

    name, slide, order, family = "film", 2, 1, "gan"
    models = ("gan", "gan-collapsed")

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """The same noise drawn by snapshots of both generators."""
        outline = self.outline(context, p)
        plays = [
            (name, context.request(name, n=SHOWN, seed=p.seed))
            for name in ("gan.film", "gan-collapsed.film")
        ]
        async with aclosing(side_by_side(context, plays)) as pairs:
            async for good, bad in pairs:
                if good.waits or bad.waits:
                    yield waiting(good if good.waits else bad, outline=outline)
                elif not (good.step or bad.step):
                    yield opening("Both generators are drawing.", good.total, outline)
                elif good.step and bad.step:
                    scene = await asyncio.to_thread(_filmed, good.view, bad.view)
                    left, right = (side.view.extras["passes"] for side in (good, bad))
                    note = f"By the generators as they were after {left:,} and {right:,} images."
                    step, seconds = min(good.step, bad.step), max(good.seconds, bad.seconds)
                    done = good.done and bad.done
                    yield Frame(note, step, good.total, seconds, done, scene=scene)

    def outline(self, context: Context, p: Parameters) -> Scene:
        """Two empty sheets, and the real faces between them."""
        return _filmed()

    def formula(self, p: Parameters) -> Formula:
        """The losses of both trainings."""
        real, drawn = (
            Symbol(f"{s.name}_bad", s.sign, f"{s.words}, collapsed") for s in (REAL, DRAWN)
        )
        return Formula(
            Line(LOSS_D, "=", "softplus", "(", DRAWN, "−", REAL, ")"),
            Line(LOSS_G, "=", "softplus", "(", REAL, "−", DRAWN, ")"),
            Line(sub("L′", "D"), "=", "softplus", "(", "−", real, ")", "+"),
            Line("softplus", "(", drawn, ")"),
            Line(sub("L′", "G"), "=", "softplus", "(", "−", drawn, ")"),
            source="Recorded running means. L: balanced, to which penalties and more critics were "
            f"added, {PAIRING}. L′: collapsed, Goodfellow et al., 2014. softplus(u) = ln(1 + eᵘ).",
        )

    def listings(self, p: Parameters) -> Sequence[Listing]:
        """The losses of both trainings."""
        return tuple(
            Listing(loss)
            for loss in (relativistic_loss, discriminator_loss_2014, generator_loss_2014)
        )


@lru_cache
def _directions() -> tuple[Tensor, Tensor]:
    """Mean of real faces at 16×16 pixels, and two directions in which they differ most, scaled to
    a deviation of 1: [768] and [768, 2]."""
    real = _small(faces(range(256)))
    mean = real.mean(0)
    _, values, directions = torch.linalg.svd(real - mean, full_matrices=False)
    deviations = values[:2] / len(real) ** 0.5
    return mean, (directions[:2] / deviations[:, None]).T


def _small(images: Tensor) -> Tensor:
    return F.avg_pool2d(images, 4).flatten(1)


def _points(images: Tensor, **more: Any) -> list[Point]:
    """Where faces lie in the plane of :func:`_directions`."""
    mean, directions = _directions()
    return [Point((x, y), **more) for x, y in ((_small(images) - mean) @ directions).tolist()]


def _filmed(good: View | None = None, bad: View | None = None) -> Scene:
    """Both trainings at one moment: what they draw, how varied it is, how far D sees through it."""
    points = _points(faces(range(KNOWN)), faint=True)
    numbers: dict[str, str] = {}
    sheets, bars, told = [], [], []
    for view, name, second in ((good, "balanced", False), (bad, "collapsed", True)):
        label, tail = name, "_bad" if second else ""
        bar = Bar(name, second=second)
        if view is not None:
            seen = view.extras
            gap = seen["score_real"] - seen["score_fake"]
            points += _points(view.images, second=second)
            bar = Bar(name, gap / WIDEST, f"{gap:.1f}", second=second)
            label = f"{name}, {seen['passes']:,} images"
            numbers[f"real{tail}"] = f"{seen['score_real']:.1f}"
            numbers[f"drawn{tail}"] = f"{seen['score_fake']:.1f}"
            told.append(f"{label}: D holds real and drawn {gap:.1f} logits apart.")
            if not second:
                numbers |= {key: f"{seen[key]:.2f}" for key in ("loss_d", "loss_g")}
        bars.append(bar)
        sheets.append(
            Picture(
                None if view is None else view.images, f"{name}: nine faces", label, 3, SHOWN,
                name=f"drawn{tail}", grow=11, result=True, filmed=view is not None,
            )
        )  # fmt: skip
    alt = "Real faces as faint points, and those that both generators draw"
    plane = Plane(points, 3.0, alt, "faint: real faces", name="real real_bad", grow=8)
    gaps = Bars(
        "D: real − drawn, logits", bars, name="real drawn real_bad drawn_bad loss_d loss_g", grow=3
    )
    machine = Row((sheets[0], Column((plane, gaps), grow=7), sheets[1]), grow=15)
    text = " ".join(told) or "Two trainings: a sheet of faces for each, both empty."
    return Scene(Column((machine, Film(first=1, grow=4))), text, "", numbers)
