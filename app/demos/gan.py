"""Slide 2: the adversarial game."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from torch import Tensor

from app.context import Context
from app.demos.demo import Demo, Frame, follow, opening, side_by_side, waiting
from app.demos.panels import Chart, Facts, Panel, chart, picture
from app.demos.parameters import Parameters, select, slider_of
from app.engine import Progress
from models.procedures.gan import MixParameters as Mixing
from models.procedures.gan import SampleParameters
from models.runtime.sampler import View

TIE = 0.01
"""Logits of the discriminator that differ by less are not told apart."""


def _losses(card: dict[str, Any], passes: float) -> Chart:
    """The recorded curves of a training up to a number of image passes."""
    curve = card.get("film", {}).get("curve", [])
    seen = [point for point in curve if point["passes"] <= passes] or curve[:1]
    series = {
        "G's": [point["loss_g"] for point in seen],
        "D's": [point["loss_d"] for point in seen],
    }
    return chart("Losses, recorded", series, len(curve))


class Film(Demo[Parameters]):
    """Two trainings side by side."""

    name, slide, order, title, family = "film", 2, 1, "Training film", "gan"
    hint = "Left learns to draw; right, trained without restraint, ends with one face."
    models = ("gan", "gan-collapsed")

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """The same noise drawn by snapshots of both generators."""
        cards = context.card("gan"), context.card("gan-collapsed")
        plays = [
            (name, context.request(name, n=16, seed=p.seed))
            for name in ("gan.film", "gan-collapsed.film")
        ]
        async with aclosing(side_by_side(context, plays)) as pairs:
            async for good, bad in pairs:
                if good.waits or bad.waits:
                    yield waiting(good if good.waits else bad)
                elif not (good.step or bad.step):
                    yield opening("Both generators are drawing.", good.total)
                elif good.step and bad.step:
                    panels = await asyncio.to_thread(self._draw, good, bad, cards)
                    passes = good.view.extras["passes"]
                    note = f"Drawn live by the generator as it was after {passes:,} images."
                    step, seconds = min(good.step, bad.step), max(good.seconds, bad.seconds)
                    done = good.done and bad.done
                    yield Frame(tuple(panels), note, step, good.total, seconds, done)

    @staticmethod
    def _draw(good: Progress, bad: Progress, cards: Sequence[dict[str, Any]]) -> list[Panel]:
        views = good.view, bad.view
        pictures: list[Panel] = []
        for view, name in zip(views, ("Balanced", "Collapsed"), strict=True):
            seen = view.extras
            label = (
                f"{name}, {seen['passes']:,} images. "
                f"D: real {seen['score_real']:+.1f}, drawn {seen['score_fake']:+.1f}"
            )
            pictures.append(picture(view.images, label, f"{name}: sixteen faces", 4, 2))
        losses = [
            _losses(card, view.extras["passes"]) for view, card in zip(views, cards, strict=True)
        ]
        return [*pictures, *losses]


def _place(score: Tensor, columns: int) -> str:
    """Where in the grid the highest score is, or that there is none."""
    if float(score.max() - score.min()) < TIE:
        return "all alike"
    row, column = divmod(int(score.argmax()), columns)
    return f"row {row + 1}, column {column + 1}"


class FreshParameters(Parameters):
    """How typical the faces are to be."""

    truncation: float = slider_of(
        SampleParameters, "truncation", "Truncation ψ", default=0.8, step=0.05
    )


class Fresh(Demo[FreshParameters]):
    """New faces in one pass."""

    name, slide, order, title, family = "fresh", 2, 2, "Fresh faces", "gan"
    hint = "Lower ψ pulls every face towards the average one: safer, and more alike."
    models = ("gan",)
    parameters = FreshParameters

    def frames(self, context: Context, p: FreshParameters) -> AsyncGenerator[Frame, None]:
        """Fifteen faces and the discriminator's opinion."""
        psi = p.truncation
        request = context.request("gan.sample", n=15, seed=p.seed, truncation=psi)

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            score = view.extras["score"]
            return [
                picture(view.images, f"ψ = {psi:g}", "Fifteen generated faces", 5, 3),
                Facts(
                    (
                        ("Passes", "1"),
                        ("D's mean score, higher is realer", f"{float(score.mean()):+.2f}"),
                        ("D believes most in", _place(score, 5)),
                    )
                ),
            ]

        return follow(
            context, "gan.sample", request, draw,
            lambda f: "Fifteen faces, one pass through the generator.", skip_blank=True,
        )  # fmt: skip


class MixParameters(Parameters):
    """Which layers take B's style."""

    layers: str = select(
        "coarse",
        {"coarse": "coarse (4–8 px)", "middle": "middle (16 px)", "fine": "fine (32 px)"},
        "B's style in layers",
    )
    seed_b: int = slider_of(Mixing, "seed_b", "Face B", default=7, high=200)


class Mix(Demo[MixParameters]):
    """Style mixing."""

    name, slide, order, title, family = "mix", 2, 3, "Mix styles", "gan"
    hint = "Coarse layers decide shape, fine layers decide colour."
    models = ("gan",)
    parameters = MixParameters

    def frames(self, context: Context, p: MixParameters) -> AsyncGenerator[Frame, None]:
        """A, B, and A with B's layers."""
        request = context.request(
            "gan.mix", seed=p.seed, truncation=0.9, seed_b=p.seed_b, layers=p.layers
        )

        def draw(view: View, frame: Progress) -> Sequence[Panel]:
            labels = ("Face A", "Face B", f"A with B's {p.layers} layers")
            return [
                picture(image[None], label, label)
                for image, label in zip(view.images, labels, strict=True)
            ]

        return follow(
            context, "gan.mix", request, draw,
            lambda f: f"B's style replaced A's in the {p.layers} layers.", skip_blank=True,
        )  # fmt: skip
