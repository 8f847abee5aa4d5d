"""Slide 5: all families against the clock."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from app.context import Context
from app.deck.comparison import FAMILIES
from app.demos.demo import Demo, Frame, Result
from app.demos.kit import (
    Clock,
    Formula,
    Line,
    Listing,
    Picture,
    Row,
    Runner,
    Scene,
    Symbol,
    Tick,
    fraction,
)
from app.demos.parameters import Parameters
from app.demos.prompts.suggestions import as_faces
from app.engine import Progress
from models.procedures.autoregressive import AutoregressiveSampler
from models.procedures.flow import FlowSampler
from models.procedures.gan import GANSampler
from models.procedures.guided import GuidedSampler
from models.procedures.vae import VAESampler

COUNT = 16
DECADES = (-2, 2)
"""The clock's ends, powers of ten of a second."""
TICKS = [
    Tick((power - DECADES[0]) / (DECADES[1] - DECADES[0]), f"{10.0**power:g}")
    for power in range(DECADES[0], DECADES[1] + 1)
]

TIME = Symbol("time", "t", "time for sixteen faces, seconds")
STEPS = Symbol("steps", "N", "steps of the sampler")
STEP = Symbol("step", "c", "time of one step for all sixteen")
FACE = Symbol("face", "f", "time for one face")


class Race(Demo[Parameters]):
    """Sixteen faces from every family."""

    name, slide, order, family = "race", 5, 1, "winner"
    models = tuple(FAMILIES)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """One family after the other, so that each is timed alone."""
        ended: dict[str, Progress] = {}
        seconds = 0.0
        for i, (model, name) in enumerate(FAMILIES.items(), 1):
            asked = as_faces(context, model)
            drawing = Result(context, f"{model}.sample", n=COUNT, seed=p.seed, **asked)
            if ended:
                await drawing.wait()
            else:
                note, outline = f"{name} is drawing sixteen faces.", self.outline(context, p)
                opening = drawing.frames(note, len(FAMILIES), outline)
                async with aclosing(opening) as frames:
                    async for frame in frames:
                        yield frame
            ended[model] = drawing.end
            seconds += drawing.end.seconds
            total = drawing.end.total
            steps = "one step" if total == 1 else f"{total} steps"
            note = f"{name} drew sixteen faces in {steps}."
            done = i == len(FAMILIES)
            scene = _scene(ended)
            yield Frame(note, i, len(FAMILIES), seconds, done, scene=scene)

    def outline(self, context: Context, p: Parameters) -> Scene:
        """Nobody has begun."""
        return _scene({})

    def formula(self, p: Parameters) -> Formula:
        """What the time is made of."""
        return Formula(
            Line(TIME, "=", STEPS, "·", STEP),
            Line(FACE, "=", fraction(TIME, str(COUNT))),
            source="Of the family in front. c is the mean: t is measured, with the waiting "
            "between the steps, and divided by N.",
        )

    def listings(self, p: Parameters) -> Sequence[Listing]:
        """One step of each."""
        return (
            Listing(VAESampler.step, {"vae": ("images",)}),
            Listing(GANSampler.step, {"gan": ("self._draw",)}),
            Listing(FlowSampler.step, {"flow": ("super().step", "self._walk")}),
            Listing(AutoregressiveSampler.step, {"autoregressive": ("logits",)}),
            Listing(GuidedSampler.step, dict.fromkeys(
                ("diffusion", "latent-diffusion"), ("x0, prompted", "new =")
            )),
        )  # fmt: skip


def place(seconds: float) -> float:
    """Where a time stands on the clock, whose scale is logarithmic, 0 … 1."""
    low, high = DECADES
    return min(1.0, max(0.0, (math.log10(max(seconds, 1e-9)) - low) / (high - low)))


def _scene(ended: Mapping[str, Progress]) -> Scene:
    """The faces of the family that ended last, in front of the clock."""
    front = next(reversed(list(ended)), None)
    name = FAMILIES[front] if front else ""
    images = ended[front].view.images if front else None
    sheet = Picture(
        images, f"Sixteen faces by {name}", f"in front: {name}" if name else "sixteen faces",
        4, COUNT, name="face", result=True, grow=20,
    )  # fmt: skip
    runners = [_runner(model, ended.get(model), model == front) for model in FAMILIES]
    clock = Clock("seconds for sixteen faces", runners, TICKS, name="time", grow=11)
    return Scene(Row((sheet, clock)), _told(ended), front or "", _numbers(ended, front))


def _runner(model: str, end: Progress | None, front: bool) -> Runner:
    accent = model.removesuffix("-diffusion")
    if end is None:
        return Runner(FAMILIES[model], accent)
    return Runner(
        FAMILIES[model], accent, place(end.seconds), f"{end.seconds:.2f} s", end.view.images,
        lit=front,
    )  # fmt: skip


def _told(ended: Mapping[str, Progress]) -> str:
    if not ended:
        return "A clock with a line for each of six families, and a place for sixteen faces."
    order = sorted(ended, key=lambda model: ended[model].seconds)
    times = ", ".join(f"{FAMILIES[m]} {ended[m].seconds:.2f} s" for m in order)
    return f"Times for sixteen faces, the fastest first: {times}."


def _numbers(ended: Mapping[str, Progress], front: str | None) -> dict[str, str]:
    if front is None:
        return {}
    seconds, steps = ended[front].seconds, ended[front].total
    return {
        "time": f"{seconds:.3f} s",
        "steps": str(steps),
        "step": f"{seconds / steps:.4f} s",
        "face": f"{seconds / COUNT:.4f} s",
    }
