"""Slide 6: diffusion and flow matching by the same network, on bent and on straight paths."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import torch
from torch import Tensor

from app.context import Context
from app.demos.demo import Demo, Frame, side_by_side, waiting
from app.demos.diffusion.symbols import ALPHA_S, GUESS, NOISE, SIGMA_S
from app.demos.kit import (
    Bar,
    Bars,
    Column,
    Film,
    Formula,
    Line,
    Listing,
    Path,
    Picture,
    Plane,
    Point,
    Row,
    Scene,
    Symbol,
    Words,
    fraction,
    row,
    sub,
)
from app.demos.kit.charts.plane import Place
from app.demos.parameters import Parameters, prompt, slider_of
from app.demos.prompts.reading import Reading
from app.demos.prompts.suggestions import FACE
from app.engine import Progress
from models.families.diffusion import CosineSchedule, ddim_step
from models.families.flow_matching import euler_step
from models.procedures.guided import Denoising, GuidedParameters

PAIR = {"diffusion": "Diffusion", "flow-matching": "Flow matching"}
LONGEST = 1.5
"""Length of a way that fills its bar."""

X_T = Symbol("here", sub("x", "t"), "where the image is, at time t")
BENT = Symbol("diffusion", sub("x", "s"), "where diffusion leads it, by DDIM")
STRAIGHT = Symbol("flow-matching", sub("x", "s"), "where flow matching leads it, by Euler's step")
SHARE = Symbol("share", "b", "noise left in it, upwards")
REST = Symbol("rest", "a", "image in it, to the right")
SEED_NOISE = Symbol("noise", sub("x", "1"), "the noise that both begin with")
WAYS = {
    "diffusion": Symbol("way-diffusion", sub("L", "D"), "length of diffusion's way"),
    "flow-matching": Symbol("way-flow-matching", sub("L", "F"), "length of flow matching's way"),
}

Trails = Mapping[str, Sequence[Place]]
"""Model → its way through the plane."""


class PathsParameters(Parameters):
    """How many steps both may take."""

    prompt: str = prompt(FACE)
    num_steps: int = slider_of(GuidedParameters, "num_steps", "Steps", default=6, high=50)
    guidance_scale: float = slider_of(
        GuidedParameters, "guidance_scale", "Guidance", high=8, step=0.5
    )


class Paths(Demo[PathsParameters]):
    """The same noise sent down both models' paths."""

    name, slide, order, family = "paths", 6, 2, "winner"
    models = ("diffusion", "flow-matching", "clip")
    parameters = PathsParameters
    foremost = "num_steps"

    async def frames(self, context: Context, p: PathsParameters) -> AsyncGenerator[Frame, None]:
        """Both by first-order steps, DDIM and Euler, at once."""
        plays = [
            (name, context.request(
                name, n=1, seed=p.seed, prompt=p.prompt, num_steps=p.num_steps,
                guidance_scale=p.guidance_scale, solver=solver,
            ))
            for name, solver in (("diffusion.sample", "ddim"), ("flow-matching.sample", "euler"))
        ]  # fmt: skip
        words, outline = self.read(context, p), self.outline(context, p)
        trails: dict[str, dict[int, Place]] = {model: {} for model in PAIR}
        async with aclosing(side_by_side(context, plays)) as pairs:
            async for pair in pairs:
                queued = next((f for f in pair if f.waits), None)
                if queued is not None:
                    yield waiting(queued, outline=outline)
                    continue
                scene = await asyncio.to_thread(_moved, p, words, pair, trails)
                step, total = min(f.step for f in pair), pair[0].total
                seconds, done = max(f.seconds for f in pair), all(f.done for f in pair)
                note = words.after(f"Step {step} of {total} on both paths.")
                yield Frame(note, step, total, seconds, done, scene=scene)

    def outline(self, context: Context, p: PathsParameters) -> Scene:
        """A plane without ways."""
        return _scene(p, self.read(context, p))

    def formula(self, p: PathsParameters) -> Formula:
        """Both steps, the length of a way, and the plane's two numbers."""
        gap = fraction(row(X_T, "−", GUESS.bare), "t")
        steps = row("∑", "‖", sub("x", "s"), "−", sub("x", "t"), "‖")
        line = row("‖", sub("x", "0"), "−", sub("x", "1"), "‖")
        turned = fraction(
            row(X_T.bare, "·", SEED_NOISE), row(SEED_NOISE.bare, "·", SEED_NOISE.bare)
        )
        off = row("‖", X_T.bare, "−", SHARE.bare, SEED_NOISE.bare, "‖")
        return Formula(
            Line(BENT, "=", ALPHA_S, GUESS, "+", SIGMA_S, NOISE, at="step"),
            Line(STRAIGHT, "=", X_T, "−", "Δt", gap, at="step"),
            Line(
                WAYS["diffusion"], ",", WAYS["flow-matching"], "=", fraction(steps, line), at="step"
            ),
            Line(SHARE, "=", turned, at="step"),
            Line(REST, "=", fraction(off, "√d"), at="step"),
            source="Δt is t − s; d, the number of values of an image. Song et al., DDIM, 2020, "
            "equation 12; Liu et al., Flow Straight and Fast, 2022.",
        )

    def listings(self, p: PathsParameters) -> Sequence[Listing]:
        """Both steps, the length, the plane."""
        return (
            Listing(ddim_step, {"step": ("return",)}),
            Listing(euler_step, {"step": ("return",)}),
            Listing(vars(Denoising)["detour"].fget, {"step": ("return",)}),
            Listing(shares, {"step": ("noise_left =", "return")}),
        )


def shares(x: Tensor, noise: Tensor) -> Place:
    """What of an image is not the noise it came from, a root mean square, and what is, a share."""
    noise_left = (x * noise).sum() / noise.square().sum()
    image = (x - noise_left * noise).square().mean().sqrt()
    return float(image), float(noise_left)


def _moved(
    p: PathsParameters,
    words: Reading,
    pair: Sequence[Progress],
    trails: Mapping[str, dict[int, Place]],
) -> Scene:
    """The scene after a step, whose places join the trails."""
    known = {}
    for model, progress in zip(PAIR, pair, strict=True):
        view = progress.view
        known[model] = {**view.extras, "images": view.images}
        noise = view.extras["origin"]
        trails[model][0] = shares(noise, noise)
        trails[model][progress.step] = shares(view.extras["x"], noise)
    step = min(f.step for f in pair)
    return _scene(p, words, known, {m: list(trail.values()) for m, trail in trails.items()}, step)


def _scene(
    p: PathsParameters,
    words: Reading,
    known: Mapping[str, Mapping[str, Any]] | None = None,
    trails: Trails | None = None,
    step: int = 0,
) -> Scene:
    """The noise, both ways from it, and where they have led to; an outline of all that."""
    known, trails = known or {}, trails or {}
    origin = next((view["origin"] for view in known.values()), None)
    works = 0 < step < p.num_steps
    start = Picture(
        None if origin is None else origin.clamp(-1, 1), "The noise", "the same noise",
        name="noise", grow=10,
    )  # fmt: skip
    ends = [
        Picture(
            known[model]["images"] if model in known else None, f"What {name} makes of it", name,
            name=model, lit=works, result=True, filmed=step > 0,
        )
        for model, name in PAIR.items()
    ]  # fmt: skip
    row_ = Row(
        (
            Column((start, _lengths(known, step)), turns=True, grow=9),
            Column((_plane(trails), Film(first=1, grow=4)), grow=12),
            Column(ends, turns=True, grow=9, result=True),
        )
    )
    root = Column((Words(words), row_))
    return Scene(
        root, _told(p, known, step), "step" if step else "", _numbers(p, known, trails, step)
    )


def _plane(trails: Trails) -> Plane:
    shapes: list[Path | Point] = []
    for (model, trail), second in zip(trails.items(), (False, True), strict=False):
        shapes.append(Path(trail, model, second=second))
        shapes += [Point(place, name=model, second=second, faint=True) for place in trail[1:-1]]
        shapes.append(Point(trail[-1], name=model, second=second))
    shapes.append(Point((0.0, 1.0), name="noise"))
    alt = "The ways of diffusion and of flow matching from noise, above, to an image, on the right"
    return Plane(
        shapes, 1.1, alt, "way from noise to image", "image a", "noise b", quarter=True,
        name="share rest here", grow=14,
    )  # fmt: skip


def _lengths(known: Mapping[str, Mapping[str, Any]], step: int) -> Bars:
    bars = []
    for (model, name), second in zip(PAIR.items(), (False, True), strict=True):
        way = known[model]["detour"] if step else None
        fraction_ = None if way is None else way / LONGEST
        text = "" if way is None else f"{way:.2f}"
        bars.append(Bar(name, fraction_, text, name=f"way-{model}", second=second))
    return Bars("Way; the line: straight", bars, 1 / LONGEST, grow=4)


def _told(p: PathsParameters, known: Mapping[str, Mapping[str, Any]], step: int) -> str:
    if not step:
        return (
            "One noise, a plane for two ways from it, and places for the two images they lead to."
        )
    ways = " and ".join(f"{PAIR[m].lower()} {v['detour']:.2f}" for m, v in known.items())
    return (
        f"Step {step} of {p.num_steps} from the same noise. The length of the way, a straight "
        f"line being 1: {ways}."
    )


def _numbers(
    p: PathsParameters, known: Mapping[str, Mapping[str, Any]], trails: Trails, step: int
) -> dict[str, str]:
    """Of the last step; those of the plane are diffusion's."""
    if not step:
        return {}
    t, s = (1 - at / p.num_steps for at in (step - 1, step))
    alpha, sigma = (float(v) for v in CosineSchedule().alpha_sigma(torch.tensor([s])))
    rest, share = trails["diffusion"][-1]
    return {
        "here": f"t = {t:.2f}",
        "diffusion": f"s = {s:.2f}",
        "flow-matching": f"s = {s:.2f}",
        "alpha_s": f"{alpha:.2f}",
        "sigma_s": f"{sigma:.2f}",
        "share": f"{abs(share):.2f}",
        "rest": f"{rest:.2f}",
        **{f"way-{model}": f"{view['detour']:.2f}" for model, view in known.items()},
    }
