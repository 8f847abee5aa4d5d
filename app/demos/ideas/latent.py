"""The first idea: a latent space."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Frame, Result
from app.demos.ideas.idea import Idea
from app.demos.kit import (
    Column,
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
from app.demos.vae.code import REBUILT, Z_LABEL, Z, at
from models.families.vae import VAE, interpolate
from models.runtime.sampler import View


class Latent(Idea):
    """A walk between two faces."""

    says = "A latent space is compressed, smooth and cheap to work in."
    points = 8

    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """Points on the line between two codes, decoded."""
        ends = self._ends(seed)
        walk = Result(context, "vae.interpolate", seed=seed, images=ends, points=self.points)
        return self._each(
            [walk], lambda known: self._walked(ends, known[0].view), self.outline(context, seed)
        )

    def outline(self, context: Context, seed: int) -> Scene:
        """Both faces, and nothing between them yet."""
        return self._walked(self._ends(seed))

    @staticmethod
    def _ends(seed: int) -> Tensor:
        return faces([seed % 256, (seed + 91) % 256])

    def _walked(self, ends: Tensor, view: View | None = None) -> Scene:
        images, mu = (view.images, view.extras["mu"]) if view else (None, None)
        real = [
            Picture(ends[i, None], f"Real face {c}", f"{c}, real", name=f"mu_{c}")
            for i, c in enumerate("AB")
        ]
        half = self.points // 2
        between = None if images is None else images[half : half + 1]
        plane, numbers = self._plane(mu)
        way = Row(
            (
                Column(real, turns=True, grow=7),
                Machine("encoder", "Encoder", name="mu_A mu_B", grow=2),
                plane,
                Machine("decoder", "Decoder", name="rebuilt", grow=2),
                Picture(between, "A point on the way, decoded", "on the way: nobody",
                        name="rebuilt", grow=12),
            ),
            grow=14,
        )  # fmt: skip
        walk = Picture(images, "From face A to face B", "", self.points, self.points,
                       name="rebuilt share", grow=5, result=True)  # fmt: skip
        text = (
            f"Two real faces are encoded; {self.points} points on the line between their codes "
            "decode to faces, each a little more like B."
            if view
            else "Two real faces, an encoder, a plane, a decoder and a row of faces, still empty."
        )
        return self._scene(way, walk, text=text, numbers=numbers, done=view is not None)

    def _plane(self, mu: Tensor | None) -> tuple[Plane, dict[str, str]]:
        """The line, in the two dimensions in which its ends differ most."""
        shapes: list[Ring | Path | Point] = [Ring(1.0, "N(0, I)")]
        limit, numbers = 1.2, {"share": f"0 … 1 in {self.points}"}
        if mu is not None:
            first, second = (mu[0] - mu[1]).abs().topk(2).indices.tolist()
            places = [at(z, (first, second)) for z in interpolate(mu[0], mu[1], self.points)]
            limit = max(limit, 1.2 * max(abs(v) for place in places for v in place))
            shapes += [Path((places[0], places[-1]), "share")]
            shapes += [
                Point(place, label, "z")
                for place, label in zip(places, "A" + " " * (self.points - 2) + "B", strict=True)
            ]
            numbers |= {"mu_A": f"{places[0][0]:.2f}", "mu_B": f"{places[-1][0]:.2f}"}
        alt = "The straight line from the code of face A to that of face B, with points on it"
        return Plane(shapes, limit, alt, Z_LABEL, name="z share", grow=12), numbers

    def formula(self) -> Formula:
        """The straight line, decoded."""
        share = Symbol("share", "w", "how far it is from A to B")
        first, other = (
            Symbol(f"mu_{c}", sub("μ", c), f"the mean of face {c}'s cloud") for c in "AB"
        )
        return Formula(
            Line(Z, "=", "(", "1", "−", share, ")", first, "+", share, other, at="shown"),
            Line(REBUILT, "=", "Decoder", "(", Z, ")", at="shown"),
            source="Numbers in the first of the two dimensions shown.",
        )

    def listings(self) -> Sequence[Listing]:
        """The line and the decoder."""
        return (
            Listing(interpolate, {"shown": ("weights", "return")}),
            Listing(VAE.decode, {"shown": ("out", "return")}),
        )
