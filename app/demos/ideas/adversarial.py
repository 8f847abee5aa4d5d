"""The second idea: adversarial training."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Sequence

import torch
from torch import Tensor

from app.context import Context
from app.demos.demo import Frame, Result
from app.demos.ideas.idea import Idea
from app.demos.kit import (
    Bar,
    Bars,
    Formula,
    Line,
    Listing,
    Machine,
    Picture,
    Row,
    Scene,
    Symbol,
    row,
    sub,
)
from app.engine import Progress
from models.data.pixels import LEVEL
from models.families.gan import Generator, relativistic_loss


class Adversarial(Idea):
    """Two games: one in balance, one that collapsed."""

    says = "Two networks compete: sharp results, unstable training."
    games = (("gan", "balanced"), ("gan-collapsed", "collapsed"))

    def frames(self, context: Context, seed: int) -> AsyncGenerator[Frame, None]:
        """Nine faces of each."""
        results = [
            Result(context, f"{model}.sample", n=9, seed=seed, **more)
            for (model, _), more in zip(self.games, ({"truncation": 1.0}, {}), strict=True)
        ]
        return self._each(results, self._played, self.outline(context, seed))

    def outline(self, context: Context, seed: int) -> Scene:
        """Two generators, two discriminators, and no faces."""
        return self._played([])

    def _played(self, known: Sequence[Progress]) -> Scene:
        sheets = [known[i].view.images if i < len(known) else None for i in range(len(self.games))]
        games = [
            Row(
                (
                    Machine("decoder", "Generator", name="drawn", grow=2),
                    Picture(images, f"Nine faces of the {name} game", name, 3, 9,
                            name=f"drawn apart_{name}", grow=17, result=True),
                    Machine("encoder", "Discriminator", name="judged", grow=2),
                )
            )
            for images, (_, name) in zip(sheets, self.games, strict=True)
        ]  # fmt: skip
        apart = [None if images is None else difference(images) for images in sheets]
        most = max((value for value in apart if value is not None), default=1.0)
        bars = [
            Bar(name, value and value / most, "" if value is None else f"{value:.0f}", second=i > 0)
            for i, (value, (_, name)) in enumerate(zip(apart, self.games, strict=True))
        ]
        label = "How different two of nine faces are, levels of 255"
        told = [
            f"Two faces of the {name} game differ by {value:.0f} of 255 levels."
            for value, (_, name) in zip(apart, self.games, strict=True)
            if value is not None
        ]
        numbers = {
            f"apart_{name}": f"{value:.0f}"
            for value, (_, name) in zip(apart, self.games, strict=True)
            if value is not None
        }
        text = " ".join(told) or "Two pairs of generator and discriminator, no faces yet."
        below = Bars(label, bars, name="apart_balanced apart_collapsed", grow=3)
        return self._scene(Row(games, grow=14), below, text=text, numbers=numbers, done=bool(told))

    def formula(self) -> Formula:
        """Either network's loss, and how different the faces are."""
        drawn = Symbol("drawn", row("G", "(", "z", ")"), "a face that the generator draws")
        judged = Symbol("judged", "D", "how real the discriminator finds a face")
        apart = [
            Symbol(f"apart_{name}", "d", f"difference of two faces, {name}")
            for _, name in self.games
        ]
        pair = row(sub("x", "i"), ",", sub("x", "j"))
        real, fake = row(judged, "(", "x", ")"), row(judged, "(", drawn, ")")
        return Formula(
            Line(sub("L", "D"), "=", "softplus", "(", fake, "−", real, ")", at="shown"),
            Line(sub("L", "G"), "=", "softplus", "(", real, "−", fake, ")", at="shown"),
            *(Line(value, "=", "RMSE", "(", pair, ")", at="shown") for value in apart),
            source="x is a real face. The losses are those of the balanced game. Goodfellow et "
            "al., 2014; Jolicoeur-Martineau, 2018.",
        )  # fmt: skip

    def listings(self) -> Sequence[Listing]:
        """The loss, the generator, the difference."""
        return (
            Listing(relativistic_loss, {"shown": ("return",)}),
            Listing(Generator.synthesize),
            Listing(difference, {"shown": ("return",)}),
        )


def difference(images: Tensor) -> float:
    """Mean RMSE of two different images of [n, C, H, W], in levels of 255."""
    rows = images.flatten(1)
    return float(torch.pdist(rows).mean()) / math.sqrt(rows.shape[1]) / LEVEL
