"""Slide 2: one face's coarse or fine styles in another."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor

from app.context import Context
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import (
    Block,
    Column,
    Formula,
    Line,
    Listing,
    Part,
    Picture,
    Row,
    Scene,
    Symbol,
    hat,
    row,
    sub,
)
from app.demos.parameters import Parameters, select, slider_of
from models.families.gan import LEVELS, STYLE_GROUPS, TOP, Generator
from models.procedures.gan import GANStyleMixing
from models.procedures.gan import MixParameters as Mixing

SIDES = [LEVELS[0][0], *(side for _, (s, _) in pairwise(LEVELS) for side in (s // 2, s)), TOP[0]]
"""Resolution of every styled convolution."""


class MixParameters(Parameters):
    """Which layers take B's style."""

    layers: str = select(
        "coarse",
        {
            name: f"{name} ({SIDES[begin]}–{SIDES[end - 1]} px)"
            for name, (begin, end) in STYLE_GROUPS.items()
        },
        "B's style in layers",
    )
    seed_b: int = slider_of(Mixing, "seed_b", "Face B", default=7, high=200)


class Mix(Demo[MixParameters]):
    """Style mixing."""

    name, slide, order, family = "mix", 2, 3, "gan"
    models = ("gan",)
    parameters = MixParameters
    foremost = "layers"
    quick = True

    def frames(self, context: Context, p: MixParameters) -> AsyncGenerator[Frame, None]:
        """A, B, and A with B's layers."""
        request = context.request(
            "gan.mix", seed=p.seed, truncation=0.9, seed_b=p.seed_b, layers=p.layers
        )
        return follow(
            context, "gan.mix", request, lambda view, f: _mixed(p, view.images),
            lambda f: f"B's style replaced A's in the {p.layers} layers.", skip_blank=True,
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: MixParameters) -> Scene:
        """The generator's layers, without faces."""
        return _mixed(p)

    def formula(self, p: MixParameters) -> Formula:
        """Whose style each layer has."""
        begin, end = STYLE_GROUPS[p.layers]
        style_b, style_a = (Symbol(f"style_{c}", sub("w", c), f"style of face {c}") for c in "BA")
        layer = sub("w", "l")
        styles = row(sub("w", "1"), "…", sub("w", str(len(SIDES))))
        return Formula(
            Line(layer, "=", style_b, f"\u00a0in layers {begin + 1} to {end}", at="mix"),
            Line(layer, "=", style_a, "\u00a0in the others", at="mix"),
            Line(Symbol("made", hat("x"), "the mixture"), "=", "G", "(", styles, ",", "noise", ")",
                 at="mix"),
            source="Karras et al., A Style-Based Generator Architecture, 2019, section 3.1.",
        )  # fmt: skip

    def listings(self, p: MixParameters) -> Sequence[Listing]:
        """The styles, and the generator that they lead."""
        return (
            Listing(GANStyleMixing.step, {"mix": ("begin", "styles[")}),
            Listing(Generator.synthesize, {"mix": ("x =", "image")}),
        )


def _mixed(p: MixParameters, images: Tensor | None = None) -> Scene:
    """Both faces, the generator's layers with the style of one or the other, what they make."""
    begin, end = STYLE_GROUPS[p.layers]

    def picture(i: int, label: str, name: str, **more: Any) -> Picture:
        shown = None if images is None else images[i, None]
        return Picture(shown, label, label, name=name, **more)

    layers: list[Part] = []
    for i, side in enumerate(SIDES):
        letter = "B" if begin <= i < end else "A"
        layers.append(
            Block(
                f"{letter}: {side}×{side}", fraction=1.0, second=letter == "B", grow=4,
                name=f"style_{letter}", lit=letter == "B" and images is not None,
            )
        )  # fmt: skip
    pair = (picture(0, "face A", "style_A"), picture(1, "face B", "style_B"))
    made = picture(2, f"A with B's {p.layers} layers", "made", grow=19, result=True)
    root = Row((Column(pair, turns=True, grow=9), Column(layers, grow=4), made))
    text = f"Eight layers of a generator; the {p.layers} ones take the style of face B."
    if images is not None:
        text += " Face A, face B and their mixture are drawn."
    return Scene(root, text, "mix" if images is not None else "")
