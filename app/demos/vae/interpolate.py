"""Slide 1: a walk through the latent space."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result
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
    sub,
)
from app.demos.parameters import Parameters, face
from app.demos.vae.code import REBUILT, Z_LABEL, Z, at
from models.families.vae import VAE, interpolate

POINTS = 16


class InterpolateParameters(Parameters):
    """The two ends."""

    a: int = face(5, "From face")
    b: int = face(9, "To face")


class Interpolate(Demo[InterpolateParameters]):
    """A walk between two faces."""

    name, slide, order, family = "interpolate", 1, 4, "vae"
    models = ("vae",)
    parameters = InterpolateParameters
    seeded = False
    foremost = "a"
    quick = True

    async def frames(
        self, context: Context, p: InterpolateParameters
    ) -> AsyncGenerator[Frame, None]:
        """Sixteen points on the line between two means, one frame each."""
        ends = faces([p.a, p.b])
        walk = Result(context, "vae.interpolate", seed=p.seed, images=ends, points=POINTS)
        note = "Two faces are encoded, and the line between them decoded."
        async with aclosing(walk.frames(note, POINTS, self.outline(context, p))) as frames:
            async for frame in frames:
                yield frame
        mu = walk.end.view.extras["mu"]
        for i, image in enumerate(walk.end.view.images):
            share = i / (POINTS - 1)
            note = f"Decoded z = {1 - share:.2f} μ of A + {share:.2f} μ of B."
            yield Frame(
                note, i + 1, POINTS, walk.end.seconds, i + 1 == POINTS,
                scene=_walked(ends, mu, image[None], share),
            )  # fmt: skip

    def outline(self, context: Context, p: InterpolateParameters) -> Scene:
        """Both ends, and nothing between them yet."""
        return _walked(faces([p.a, p.b]))

    def formula(self, p: InterpolateParameters) -> Formula:
        """The straight line, decoded."""
        share = Symbol("share", "w", "how far it is from A to B")
        first, other = (
            Symbol(f"mu_{c}", sub("μ", c), f"the mean of face {c}'s cloud") for c in "AB"
        )
        return Formula(
            Line(Z, "=", "(", "1", "−", share, ")", first, at="walk"),
            Line("+", share, other, at="walk"),
            Line(REBUILT, "=", "Decoder", "(", Z, ")", at="walk"),
            source="Numbers in the first of the two dimensions shown.",
        )

    def listings(self, p: InterpolateParameters) -> Sequence[Listing]:
        """The line and the decoder."""
        return (
            Listing(interpolate, {"walk": ("weights", "return")}),
            Listing(VAE.decode, {"walk": ("out", "return")}),
        )


def _walked(
    ends: Tensor, mu: Tensor | None = None, image: Tensor | None = None, share: float = 0.0
) -> Scene:
    shapes: list[Ring | Path | Point] = [Ring(1.0, "N(0, I)")]
    limit, numbers, x, y = 1.2, {"share": f"{share:.2f}"}, "", ""
    if mu is not None:
        first, second = (mu[0] - mu[1]).abs().topk(2).indices.tolist()
        axes = (first, second)
        begin, end = (at(m, axes) for m in mu)
        here = (begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1]))
        limit = max(limit, 1.2 * max(map(abs, (*begin, *end))))
        shapes += [
            Path((begin, end), "share"),
            Point(begin, "A", "mu_A", faint=True),
            Point(end, "B", "mu_B", faint=True),
            Point(here, "", "z"),
        ]
        numbers |= {"mu_A": f"{begin[0]:.2f}", "mu_B": f"{end[0]:.2f}", "z": f"{here[0]:.2f}"}
        x, y = (f"number {axis + 1}" for axis in axes)
    alt = "The straight line from the code of face A to that of face B, and a point on it"
    made = Picture(
        image, "The decoded point", f"{share:.0%} of the way", name="rebuilt", grow=12,
        result=True, filmed=True,
    )  # fmt: skip
    machine = Row(
        (
            Column(
                [
                    Picture(ends[i, None], f"Real face {c}", f"{c}, real", name=f"mu_{c}")
                    for i, c in enumerate("AB")
                ],
                turns=True,
                grow=7,
            ),
            Machine("encoder", "Encoder", grow=2, name="mu_A mu_B", lit=mu is None),
            Plane(shapes, limit, alt, Z_LABEL, x, y, name="z share", grow=11),
            Machine("decoder", "Decoder", grow=2, name="rebuilt", lit=mu is not None),
            made,
        ),
        grow=17,
    )
    text = (
        "Two real faces, A and B, are encoded."
        if image is None
        else f"The point {share:.0%} of the way from face A to face B, decoded to a face."
    )
    return Scene(
        Column((machine, Film(first=1, grow=4))), text, "walk" if mu is not None else "", numbers
    )
