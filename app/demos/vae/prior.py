"""Slide 1: points of the latent space, drawn at random and led to where codes of faces lie."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from torch import Tensor

from app.context import Context
from app.demos.demo import Demo, Frame, Result, follow
from app.demos.kit import (
    Column,
    Film,
    Formula,
    Line,
    Listing,
    Machine,
    Path,
    Picture,
    Plane,
    Point,
    Ring,
    Row,
    Scene,
    Symbol,
)
from app.demos.parameters import Parameters, slider_of
from app.demos.vae.code import REBUILT, Z_LABEL, Z, at
from app.engine import Progress
from models.families.vae import SAMPLING, VAE
from models.families.vae_prior import euler_step
from models.procedures.vae import SampleParameters, VAESampler
from models.runtime.sampler import View

DRAWS = 8
COLUMNS = 4
AXES = (0, 1)


class PriorParameters(Parameters):
    """How far from the mean to sample."""

    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature", default=1.0, high=1.5, step=0.1
    )


class Prior(Demo[PriorParameters]):
    """Random points of the latent space, as they are drawn and led by a prior that was learned."""

    name, slide, order, family = "prior", 1, 2, "vae"
    models = ("vae", "vae-prior")
    parameters = PriorParameters
    foremost = "temperature"

    async def frames(self, context: Context, p: PriorParameters) -> AsyncGenerator[Frame, None]:
        """All draws decoded at once; the same draws on their way along the learned flow."""
        outline = self.outline(context, p)
        plain = Result(context, "vae.sample", n=DRAWS, seed=p.seed, temperature=p.temperature)
        note = "Eight random z are being decoded."
        async with aclosing(plain.frames(note, outline=outline)) as frames:
            async for frame in frames:
                yield frame
        drawn = plain.end.view
        trails: list[Tensor] = []

        def draw(view: View, progress: Progress) -> Scene:
            trails.append(view.extras["z"])
            return _imagined(p.temperature, drawn, view, trails, progress)

        def note_of(progress: Progress) -> str:
            if progress.step == 0:
                return "Eight z drawn from N(0, I), decoded in one pass."
            return f"Step {progress.step} of {progress.total} of a small flow in 128 dimensions."

        request = context.request("vae-prior.sample", n=DRAWS, seed=p.seed)
        asked = follow(context, "vae-prior.sample", request, draw, note_of, outline=outline)
        async with aclosing(asked) as frames:
            async for frame in frames:
                yield frame

    def outline(self, context: Context, p: PriorParameters) -> Scene:
        """Both ways to a face, empty."""
        return _imagined(p.temperature)

    def formula(self, p: PriorParameters) -> Formula:
        """The plain draw, the decoder, and a step of the learned flow."""
        time = Symbol("t", "t", "from 1, noise, to 0, where codes lie")
        length = Symbol("length", "Δt", "length of a step")
        scale = Symbol("temperature", "T", "temperature")
        velocity = Symbol("velocity", "v", "velocity, by the prior's network")
        epsilon = Symbol("epsilon", "ε", "noise from N(0, I), from the seed")
        return Formula(
            Line(Z, "=", scale, "·", epsilon, at="draw"),
            Line(REBUILT, "=", "Decoder", "(", Z, ")"),
            Line(Z, "←", Z, "−", length, "·", velocity, "(", Z, ",", time, ")", at="lead"),
            source=f"The led z begin at ε itself, without T. All are decoded at β = {SAMPLING:g}, "
            "where samples of the Gaussian are best. Dai & Wipf, Diagnosing and Enhancing "
            "VAE Models, 2019; Liu et al., Flow Straight and Fast, 2022.",
        )

    def listings(self, p: PriorParameters) -> Sequence[Listing]:
        """The draw, the decoder, the flow's step."""
        return (
            Listing(VAESampler.start, {"draw": ("z =", "return")}),
            Listing(euler_step, {"lead": ("velocity", "return z")}),
            Listing(VAE.decode, {"draw": ("out",), "lead": ("out",)}),
        )


def _imagined(
    temperature: float,
    drawn: View | None = None,
    led: View | None = None,
    trails: Sequence[Tensor] = (),
    progress: Progress | None = None,
) -> Scene:
    step, total = (progress.step, progress.total) if progress else (0, 1)
    shapes: list[Ring | Path | Point] = [Ring(1.0, "N(0, I)")]
    if drawn is not None:
        ways = ([at(z[i], AXES) for z in trails] for i in range(DRAWS))
        shapes += [Path(way, "velocity", second=True) for way in ways]
        shapes += [Point(at(z, AXES), name="z epsilon") for z in drawn.extras["z"]]
    if trails:
        shapes += [Point(at(z, AXES), name="z velocity", second=True) for z in trails[-1]]
    alt = "Eight points drawn from N(0, I), and the ways on which the learned prior leads them"
    plane = Plane(shapes, 2.6, alt, Z_LABEL, name="z epsilon", grow=6, lit=bool(0 < step < total))
    sheets = [
        Picture(
            view.images if view else None, label, label, COLUMNS, DRAWS,
            name=name, result=True,
        )
        for view, label, name in (
            (drawn, f"z = {temperature:g} · ε, decoded", "rebuilt temperature"),
            (led, "z led by the learned prior, decoded", "rebuilt velocity"),
        )
    ]  # fmt: skip
    root = Row(
        (
            Column((plane, Film(led.images[0] if led else None, grow=1)), grow=9),
            Machine("decoder", "Decoder", name="rebuilt", lit=drawn is not None, grow=1),
            Column(sheets, grow=13, result=True),
        )
    )
    text = (
        f"Eight points drawn from a Gaussian and decoded to faces. After step {step} of {total} of "
        "the learned prior the points lie nearer to where codes of faces are, and their faces are "
        "clearer."
        if drawn
        else "A plane of points, a decoder and two rows of faces, all empty."
    )
    numbers = {"temperature": f"{temperature:g}"}
    if led is not None:
        numbers |= {"t": f"{led.extras['t']:.2f}", "length": f"{1 / total:.2f}"}
    return Scene(root, text, "lead" if step else "draw" if drawn else "", numbers)
