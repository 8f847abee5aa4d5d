"""Slide 2: the adversarial game, played once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

import torch
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result
from app.demos.gan.symbols import DRAWN, LOSS_D, LOSS_G, PAIRING, REAL
from app.demos.kit import (
    Column,
    Formula,
    Lane,
    Lanes,
    Line,
    Listing,
    Machine,
    Row,
    Scene,
    Symbol,
    Tick,
    Values,
    hat,
    sub,
)
from app.demos.parameters import Parameters, select, slider_of
from models.families.gan import (
    Discriminator,
    Generator,
    discriminator_loss_2014,
    generator_loss_2014,
    relativistic_loss,
)
from models.procedures.gan import SampleParameters
from models.runtime.sampler import View

LANE = 4
"""Drawn faces, and real ones, that the discriminator sees."""
LOWEST, HIGHEST = -8.0, 4.0
"""Logits at the ends of its axis."""


class FreshParameters(Parameters):
    """Which of the twins draws, and how typical the faces are to be."""

    trained: str = select(
        "balanced", {"balanced": "balanced", "collapsed": "without restraint"}, "Trained"
    )
    truncation: float = slider_of(
        SampleParameters, "truncation", "Truncation ψ", default=0.8, step=0.05
    )

    @property
    def model(self) -> str:
        """Name of the twin that draws."""
        return "gan" if self.trained == "balanced" else "gan-collapsed"


class Fresh(Demo[FreshParameters]):
    """New faces in one pass, and what the discriminator holds of them."""

    name, slide, order, family = "fresh", 2, 2, "gan"
    models = ("gan", "gan-collapsed")
    parameters = FreshParameters
    foremost = "truncation"
    quick = True

    async def frames(self, context: Context, p: FreshParameters) -> AsyncGenerator[Frame, None]:
        """Four faces in one pass; then these and four real ones before the discriminator."""
        drawing = Result(context, f"{p.model}.sample", n=LANE, seed=p.seed, truncation=p.truncation)
        waits = drawing.frames("The generator is drawing.", 2, self.outline(context, p))
        async with aclosing(waits) as frames:
            async for frame in frames:
                yield frame
        judging = Result(context, f"{p.model}.judge", seed=p.seed, images=_real(p.seed))
        judged = (await judging.wait()).view
        drawn = drawing.end.view
        notes = (
            "Four faces, one pass through the generator.",
            "The discriminator gave four drawn and four real faces a logit each.",
        )
        for step, note in enumerate(notes, 1):
            scene = _game(p, drawn, judged, step)
            seconds = drawing.end.seconds + (step - 1) * judging.end.seconds
            yield Frame(note, step, 2, seconds, step == 2, scene=scene)

    def outline(self, context: Context, p: FreshParameters) -> Scene:
        """Places for drawn faces and for real ones, and D's axis between them."""
        return _game(p)

    def formula(self, p: FreshParameters) -> Formula:
        """Noise to face, and the game."""
        style = Symbol("w", "w", "style")
        psi = Symbol("psi", "ψ", "truncation")
        mean, made = sub("w", "mean"), Symbol("made", hat("x"), "drawn face")
        return Formula(
            Line(style, "=", "Mapping", "(", Symbol("z", "z", "noise, from the seed"), ")",
                 at="draw"),
            Line(style, "←", mean, "+", psi, "(", style, "−", mean, ")", at="draw"),
            Line(made, "=", "G", "(", style, ",", "noise", ")", at="draw"),
            *_losses(p),
            source="Logits are means of the four faces. "
            + (f"Only their differences mean anything. {PAIRING}" if p.trained == "balanced"
               else "Goodfellow et al., 2014")
            + "; Karras et al., StyleGAN2, 2020.",
        )  # fmt: skip

    def listings(self, p: FreshParameters) -> Sequence[Listing]:
        """Both networks, and the loss."""
        return (
            Listing(Generator.map, {"draw": ("w =", "for layer")}),
            Listing(Generator.truncate, {"draw": ("return",)}),
            Listing(Generator.synthesize, {"draw": ("x =", "image")}),
            Listing(Discriminator.forward, {"judge": ("x =", "out:")}),
            *(Listing(loss, {"judge": ("return",)}) for loss in LOSSES[p.trained]),
        )


LOSSES: Mapping[str, tuple[Callable[..., Tensor], ...]] = {
    "balanced": (relativistic_loss,),
    "collapsed": (discriminator_loss_2014, generator_loss_2014),
}
"""What each twin was trained by."""


def _losses(p: FreshParameters) -> list[Line]:
    """Of the twin that draws."""
    if p.trained == "balanced":
        return [
            Line(LOSS_D, "=", "softplus", "(", DRAWN, "−", REAL, ")", at="judge"),
            Line(LOSS_G, "=", "softplus", "(", REAL, "−", DRAWN, ")", at="judge"),
        ]
    return [
        Line(LOSS_D, "=", "softplus", "(", "−", REAL, ")", "+", at="judge"),
        Line("softplus", "(", DRAWN, ")", at="judge"),
        Line(LOSS_G, "=", "softplus", "(", "−", DRAWN, ")", at="judge"),
    ]


def _measured_losses(p: FreshParameters, real: Tensor, drawn: Tensor) -> tuple[Tensor, Tensor]:
    """D's and G's, of logits [n]."""
    if p.trained == "balanced":
        return relativistic_loss(real, drawn), relativistic_loss(drawn, real)
    return discriminator_loss_2014(real, drawn), generator_loss_2014(drawn)


def _real(seed: int) -> Tensor:
    """Four real faces."""
    numbers = torch.Generator().manual_seed(seed)
    return faces(torch.randperm(256, generator=numbers)[:LANE].tolist())


def _on_axis(score: float) -> float:
    """A logit's place on D's axis; what lies beyond its ends stands there."""
    return min(0.99, max(0.01, (score - LOWEST) / (HIGHEST - LOWEST)))


def _lane(view: View | None, seen: bool, alt: str, name: str, result: bool = False) -> Lane:
    """Faces in the order of their logits."""
    if view is None:
        return Lane(None, (), alt, name, result)
    order = view.extras["score"].argsort()
    scores = view.extras["score"][order].tolist()
    return Lane(
        view.images[order], [_on_axis(s) for s in scores] if seen else (), alt, name, result
    )


def _game(
    p: FreshParameters, drawn: View | None = None, judged: View | None = None, step: int = 0
) -> Scene:
    """Noise becomes faces above, real ones wait below; D gives each its place between them."""
    z = drawn.extras["z"][0] if drawn else None
    source = Column(
        (
            Values(z, "Noise of one face", "noise z", count=64, name="z", grow=3),
            Machine("decoder", "Generator", name="w psi made", lit=step == 1, grow=7),
        ),
        grow=9,
    )
    machines = Column(
        (
            source,
            Machine("encoder", "D", name="real drawn loss_d loss_g", lit=step == 2, grow=8),
            Machine("text", "Real faces", name="real", grow=9),
        ),
        grow=3,
    )
    lanes = Lanes(
        _lane(drawn, step == 2, "Drawn faces", "made drawn", result=True),
        _lane(judged, step == 2, "Real faces", "real"),
        "D: drawn", "D: real", [Tick(_on_axis(v), f"{v}") for v in (-4, -2, 0)],
        LANE, grow=17, result=True,
    )  # fmt: skip
    numbers = {"psi": f"{p.truncation:g}"}
    text = "Noise and a generator, real faces, and the axis of a discriminator between them."
    if drawn is not None:
        text = f"Four faces drawn from noise with ψ = {p.truncation:g}, and four real ones."
    if step == 2 and drawn is not None and judged is not None:
        fake, real = drawn.extras["score"], judged.extras["score"]
        loss_d, loss_g = _measured_losses(p, real, fake)
        numbers |= {
            "real": f"{float(real.mean()):.1f}",
            "drawn": f"{float(fake.mean()):.1f}",
            "loss_d": f"{float(loss_d):.2f}",
            "loss_g": f"{float(loss_g):.2f}",
        }
        text += f" D's mean logit: drawn {numbers['drawn']}, real {numbers['real']}."
    return Scene(Row((machines, lanes)), text, ("", "draw", "judge")[step], numbers)
