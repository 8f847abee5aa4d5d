"""Slide 4: the same noises at several guidance scales, and what that does to them, measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import zip_longest

import torch
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, side_by_side, waiting
from app.demos.diffusion.symbols import GUESS, PLAIN, PROMPTED, SCALE
from app.demos.kit import (
    Bar,
    Column,
    Formula,
    Line,
    Listing,
    Matrix,
    Scene,
    Sentence,
    Strip,
    Symbol,
    Words,
    fraction,
    row,
    sub,
)
from app.demos.parameters import Parameters, prompt, slider_of
from app.demos.prompts.reading import Reading
from models.data.attributes import HEADS
from models.data.captions.claims import Claims
from models.data.captions.interpretation import interpret
from models.data.captions.tokenizer import tokenizer
from models.families.diffusion import guide
from models.parts.judge import obedience, spread
from models.procedures.diffusion import SampleParameters

SCALES = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Of all columns but the last, which can be chosen."""
ASKED = "a bald man with a gray goatee and closed eyes in orange"
"""Much at once, which is not obeyed by itself."""
REAL = 32
"""Real faces whose variety is 1."""

OBEYED = Symbol("obeyed", "o", "attributes asked for that the judge finds, a share")
VARIETY = Symbol("variety", "v", "variety of the four faces")
REAL_VARIETY = sub("d", "real")


class GuidanceParameters(Parameters):
    """What is asked for, in how many steps, and how far the last column goes."""

    prompt: str = prompt(ASKED)
    guidance_scale: float = slider_of(
        SampleParameters, "guidance_scale", "Largest w", default=12, low=9
    )
    num_steps: int = slider_of(SampleParameters, "num_steps", "Steps", default=12, high=50)

    @property
    def scales(self) -> tuple[float, ...]:
        """Of the columns."""
        return (*SCALES, self.guidance_scale)


@dataclass(frozen=True)
class Measured:
    """Of one column.

    Attributes:
        obeyed: see :func:`obedience`; ``None`` where nothing is asked for that can be measured.
        variety: see :func:`spread`, over that of real faces.
    """

    obeyed: float | None
    variety: float


class Guidance(Demo[GuidanceParameters]):
    """One row of noises, guided more and more."""

    name, slide, order, family = "guidance", 4, 3, "diffusion"
    models = ("diffusion", "clip", "judge")
    parameters = GuidanceParameters

    async def frames(self, context: Context, p: GuidanceParameters) -> AsyncGenerator[Frame, None]:
        """All columns at once, step by step; in the end the judge reads their faces."""
        words, outline, total = self.read(context, p), self.outline(context, p), p.num_steps + 1
        plays = [
            ("diffusion.sample", context.request(
                "diffusion.sample", n=Matrix.count, seed=p.seed, prompt=p.prompt,
                num_steps=p.num_steps, guidance_scale=scale,
            ))
            for scale in p.scales
        ]  # fmt: skip
        async with aclosing(side_by_side(context, plays)) as steps:
            async for columns in steps:
                queued = next((column for column in columns if column.waits), None)
                if queued is not None:
                    yield waiting(queued, total, outline)
                    continue
                images = [column.view.images for column in columns]
                step, seconds = (min(c.step for c in columns), max(c.seconds for c in columns))
                note = (
                    f"Step {step} of {p.num_steps} at all scales." if step else "The same noises."
                )
                scene = _scene(p, words, images, step=step)
                yield Frame(note, step, total, seconds, scene=scene)
        judging = Result(context, "judge.read", images=torch.cat([*images, faces(range(REAL))]))
        read = (await judging.wait()).view.extras
        claims = await asyncio.to_thread(asked, p.prompt)
        measured = measure(claims, len(images), read["classes"], read["features"])
        scene = _scene(p, words, images, measured, total)
        note = words.after("The judge has read all faces.")
        yield Frame(note, total, total, seconds + judging.end.seconds, done=True, scene=scene)

    def outline(self, context: Context, p: GuidanceParameters) -> Scene:
        """Places for the faces of every scale."""
        return _scene(p, self.read(context, p))

    def formula(self, p: GuidanceParameters) -> Formula:
        """Guidance, and both measurements."""
        return Formula(
            Line(GUESS, "=", PLAIN, "+", SCALE, "(", PROMPTED, "−", PLAIN, ")", at="step"),
            Line(OBEYED, "=", fraction("found", "asked"), at="read"),
            Line(VARIETY, "=", fraction(row("mean", "‖", sub("f", "i"), "−", sub("f", "j"), "‖"),
                                        REAL_VARIETY), at="read"),
            source="f: features of the judge, a network that reads ten attributes off a face. "
            f"d: the same mean of {REAL} faces of the gallery. Numbers: from the lowest to the "
            "highest. Ho & Salimans, Classifier-Free Diffusion Guidance, 2022, equation 6.",
        )  # fmt: skip

    def listings(self, p: GuidanceParameters) -> Sequence[Listing]:
        """Guidance in one line, what a prompt claims, and both measurements."""
        return (
            Listing(guide, {"step": ("return",)}),
            Listing(interpret, {"read": ("for said", "return")}),
            Listing(obedience, {"read": ("right =", "return")}),
            Listing(spread, {"read": ("return",)}),
        )


def asked(text: str) -> Claims:
    """What a prompt says of a face; the first time it takes a second."""
    return interpret(tokenizer().encode(text).words)


def measure(claims: Claims, columns: int, classes: Tensor, features: Tensor) -> list[Measured]:
    """What the judge makes of every column.

    Args:
        columns: how many, of equally many faces.
        classes: of these faces and then of real ones, int64 [n, heads].
        features: of the same, [n, d].
    """
    drawn = columns * Matrix.count
    real = spread(features[drawn:])
    return [
        Measured(obedience(claims, HEADS, seen) if claims else None, spread(points) / real)
        for seen, points in zip(
            classes[:drawn].chunk(columns), features[:drawn].chunk(columns), strict=True
        )
    ]


def _scene(
    p: GuidanceParameters,
    words: Reading,
    images: Sequence[Tensor | None] = (),
    measured: Sequence[Measured] = (),
    step: int = 0,
) -> Scene:
    """A column for every scale; below, what was measured."""
    strips = [
        Strip(
            f"w = {scale:g}", f"Four faces at guidance {scale:g}", drawn, bars=_bars(known),
            name="scale", lit=0 < step < p.num_steps,
        )
        for scale, drawn, known in zip_longest(p.scales, images, measured)
    ]  # fmt: skip
    parts = (
        Words(words, name="prompted"),
        Matrix(strips, name="x0 plain prompted", result=True, grow=20),
        Sentence(_said(measured)),
    )
    at = "read" if measured else "step" if step else ""
    return Scene(Column(parts), _told(p, step, measured), at, _numbers(p, measured))


def _bars(known: Measured | None) -> list[Bar]:
    """What is obeyed and how varied it is; empty bars before that is known."""
    if known is None:
        return [Bar("obeys", name="obeyed"), Bar("varies", name="variety", second=True)]
    obeyed = "–" if known.obeyed is None else f"{known.obeyed:.0%}"
    return [
        Bar("obeys", known.obeyed, obeyed, name="obeyed"),
        Bar("varies", known.variety, f"{known.variety:.2f}", name="variety", second=True),
    ]


def _said(measured: Sequence[Measured]) -> str:
    """What the bars mean."""
    if measured and measured[0].obeyed is None:
        return "This prompt asks for nothing that the judge reads. Variety: real faces are 1."
    return "Obeys: attributes of the prompt that a judge finds. Varies: real faces are 1."


def _told(p: GuidanceParameters, step: int, measured: Sequence[Measured]) -> str:
    if not measured:
        done = f" {step} of {p.num_steps} steps are done." if step else ""
        return f"A column of four faces for each of six guidance scales, of the same noises.{done}"
    columns = [
        f"w = {scale:g}: "
        + ("" if known.obeyed is None else f"obeys {known.obeyed:.0%}, ")
        + f"variety {known.variety:.2f} of real faces'"
        for scale, known in zip(p.scales, measured, strict=True)
    ]
    return "; ".join(columns) + "."


def _numbers(p: GuidanceParameters, measured: Sequence[Measured]) -> dict[str, str]:
    numbers = {"scale": f"0 … {p.guidance_scale:g}"} if measured else {}
    obeyed = [known.obeyed for known in measured if known.obeyed is not None]
    if obeyed:
        numbers["obeyed"] = f"{min(obeyed):.2f} … {max(obeyed):.2f}"
    varied = [known.variety for known in measured]
    return numbers | ({"variety": f"{min(varied):.2f} … {max(varied):.2f}"} if varied else {})
