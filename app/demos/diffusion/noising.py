"""Slide 4: a face becomes noise."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import torch
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import (
    Axis,
    Column,
    Film,
    Formula,
    Line,
    Listing,
    Picture,
    Row,
    Scene,
    Sign,
    Symbol,
    Tick,
    fraction,
    root,
    row,
    sub,
    sup,
)
from app.demos.parameters import Parameters, face
from app.engine import Progress
from models.families.diffusion import CosineSchedule, T
from models.procedures.diffusion import DiffusionNoising
from models.runtime.sampler import View

STEPS = 20
CURVE: list[float] = [
    float(v) for v in (1 - CosineSchedule().alpha_bar(torch.linspace(0, 1, 51))).sqrt()
]
"""√(1 − ᾱ) from t = 0 to T."""

X_0 = Symbol("x0", sub("x", "0"), "the face")
X_T = Symbol("x", sub("x", "t"), "face and noise")
NOISE = Symbol("epsilon", "ε", "noise from N(0, I), one draw for all t")
SHARE = Symbol("alpha_bar", sub("ᾱ", "t"), "share of the variance that is face")
TIME = Symbol("t", "t", "time, from 0 to T = 1000")


class NoisingParameters(Parameters):
    """Which face becomes noise."""

    image: int = face(3)


class Noising(Demo[NoisingParameters]):
    """A face becomes noise."""

    name, slide, order, family = "noising", 4, 2, "diffusion"
    models = ("diffusion",)
    parameters = NoisingParameters
    foremost = "image"

    def frames(self, context: Context, p: NoisingParameters) -> AsyncGenerator[Frame, None]:
        """The forward process in twenty steps of t."""
        images = faces([p.image])
        request = context.request("diffusion.noise", seed=p.seed, images=images, num_steps=STEPS)
        return follow(
            context, "diffusion.noise", request, lambda view, f: _scene(images, view, f),
            lambda f: f"Gaussian noise added up to t = {round(T * f.step / f.total)} of {T}.",
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: NoisingParameters) -> Scene:
        """The sum without its pictures, over the noise curve."""
        return _scene(None)

    def formula(self, p: NoisingParameters) -> Formula:
        """The sum, and the cosine schedule."""
        angle = row(fraction(row(TIME, "/", "T", "+", "s"), row("1", "+", "s")), fraction("π", "2"))
        kept, added = root(SHARE.bare), root(row("1", "−", SHARE.bare))
        return Formula(
            Line(X_T, "=", kept, X_0, "+", added, NOISE, at="noise"),
            Line(SHARE, "=", sup("cos", "2"), "(", angle, ")", "/", "c", at="noise"),
            source="s = 0.008; c, the same cosine at t = 0, makes it begin at 1. Ho et al., "
            "Denoising Diffusion Probabilistic Models, 2020, equation 4; Nichol & Dhariwal, 2021.",
        )

    def listings(self, p: NoisingParameters) -> Sequence[Listing]:
        """The jump to any t, both shares, the schedule."""
        return (
            Listing(DiffusionNoising.step, {"noise": ("t =", "state.x =")}),
            Listing(CosineSchedule.add_noise, {"noise": ("return",)}),
            Listing(CosineSchedule.alpha_sigma, {"noise": ("return",)}),
            Listing(CosineSchedule.alpha_bar, {"noise": ("return",)}),
        )


def _scene(
    images: Tensor | None, view: View | None = None, progress: Progress | None = None
) -> Scene:
    """The sum as pictures, and where t stands under the curve."""
    step = progress.step if progress else 0
    share, t = (view.extras["alpha_bar"], view.extras["t"]) if view else (1.0, 0)
    kept, added = share**0.5, (1 - share) ** 0.5
    noise = view.extras["epsilon"] if view else None
    equation = Row(
        (
            Picture(view.images if view else None, f"The face at t = {t}", f"x at t = {t}",
                    name="x", filmed=True, result=True),
            Sign("="),
            Picture(None if images is None else kept * images, "What is left of the face",
                    f"√ᾱ = {kept:.2f} of the face", name="x0 alpha_bar"),
            Sign("+"),
            Picture(None if noise is None else (added * noise).clamp(-1, 1), "The noise added",
                    f"√(1−ᾱ) = {added:.2f} of noise", name="epsilon alpha_bar"),
        ),
        grow=14,
    )  # fmt: skip
    ticks = [Tick(v / T, str(v)) for v in (0, 250, 500, 750, T)]
    label = f"√(1−ᾱ), the noise in it, at t = {t}"
    tail = max(0, step - 1) / progress.total if progress and step else None
    axis = Axis(ticks, label, t / T, tail, curve=CURVE, name="alpha_bar t x", grow=7)
    scene = Column((equation, axis, Film(grow=3)))
    if view is None:
        return Scene(
            scene, "Three places, for a noisy face, the face and the noise; a noise curve."
        )
    numbers = {
        "t": str(t),
        "x": f"t = {t}",
        "alpha_bar": f"{share:.3f}",
    }
    text = (
        f"At t = {t} of {T} the picture is {kept:.2f} times the face plus {added:.2f} times one "
        f"draw of noise: {share:.0%} of its variance is face."
    )
    return Scene(scene, text, "noise" if step else "", numbers)
