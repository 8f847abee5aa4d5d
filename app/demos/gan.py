"""Slide 2: the adversarial game."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import lru_cache
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, follow, opening, side_by_side, waiting
from app.demos.kit import (
    Bar,
    Bars,
    Block,
    Column,
    Film,
    Formula,
    Lane,
    Lanes,
    Line,
    Listing,
    Machine,
    Part,
    Picture,
    Plane,
    Point,
    Row,
    Scene,
    Symbol,
    Tick,
    Values,
    hat,
    row,
    sub,
)
from app.demos.parameters import Parameters, select, slider_of
from models.families.gan import (
    LEVELS,
    STYLE_GROUPS,
    TOP,
    Discriminator,
    Generator,
    discriminator_loss_2014,
    generator_loss_2014,
    relativistic_loss,
)
from models.procedures.gan import GANStyleMixing, SampleParameters
from models.procedures.gan import MixParameters as Mixing
from models.runtime.sampler import View

SHOWN = 9
"""Faces of each training."""
KNOWN = 64
"""Real faces beside them in the plane."""
WIDEST = 12.0
"""Logits that fill a bar."""
LANE = 4
"""Drawn faces, and real ones, that the discriminator sees."""
LOWEST, HIGHEST = -8.0, 4.0
"""Logits at the ends of its axis."""
SIDES = [LEVELS[0][0], *(side for _, (s, _) in pairwise(LEVELS) for side in (s // 2, s)), TOP[0]]
"""Resolution of every styled convolution."""

REAL = Symbol("real", row("D", "(", "x", ")"), "D's logit for a real face")
DRAWN = Symbol("drawn", row("D", "(", hat("x"), ")"), "D's logit for a drawn face")
LOSS_D = Symbol("loss_d", sub("L", "D"), "what D makes small")
LOSS_G = Symbol("loss_g", sub("L", "G"), "what G makes small")
PAIRING = "Huang et al., The GAN is dead; long live the GAN!, 2024, equation 2"


class FilmOfTraining(Demo[Parameters]):
    """Two trainings side by side."""

    name, slide, order, title, family = "film", 2, 1, "Training film", "gan"
    hint = "Left learns to draw; right, trained without restraint, ends with one face."
    models = ("gan", "gan-collapsed")

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """The same noise drawn by snapshots of both generators."""
        outline = self.outline(context, p)
        plays = [
            (name, context.request(name, n=SHOWN, seed=p.seed))
            for name in ("gan.film", "gan-collapsed.film")
        ]
        async with aclosing(side_by_side(context, plays)) as pairs:
            async for good, bad in pairs:
                if good.waits or bad.waits:
                    yield waiting(good if good.waits else bad, outline=outline)
                elif not (good.step or bad.step):
                    yield opening("Both generators are drawing.", good.total, outline)
                elif good.step and bad.step:
                    scene = await asyncio.to_thread(_filmed, good.view, bad.view)
                    passes = good.view.extras["passes"]
                    note = f"Drawn live by the generator as it was after {passes:,} images."
                    step, seconds = min(good.step, bad.step), max(good.seconds, bad.seconds)
                    done = good.done and bad.done
                    yield Frame(note, step, good.total, seconds, done, scene=scene)

    def outline(self, context: Context, p: Parameters) -> Scene:
        """Two empty sheets, and the real faces between them."""
        return _filmed()

    def formula(self, p: Parameters) -> Formula:
        """The losses of both trainings."""
        real, drawn = (
            Symbol(f"{s.name}_bad", s.sign, f"{s.words}, collapsed") for s in (REAL, DRAWN)
        )
        return Formula(
            Line(LOSS_D, "=", "softplus", "(", DRAWN, "−", REAL, ")"),
            Line(LOSS_G, "=", "softplus", "(", REAL, "−", DRAWN, ")"),
            Line(sub("L′", "D"), "=", "softplus", "(", "−", real, ")", "+"),
            Line("softplus", "(", drawn, ")"),
            Line(sub("L′", "G"), "=", "softplus", "(", "−", drawn, ")"),
            source="Recorded running means. L: balanced, to which penalties and more critics were "
            f"added, {PAIRING}. L′: collapsed, Goodfellow et al., 2014. softplus(u) = ln(1 + eᵘ).",
        )

    def listings(self, p: Parameters) -> Sequence[Listing]:
        """The losses of both trainings."""
        return tuple(
            Listing(loss)
            for loss in (relativistic_loss, discriminator_loss_2014, generator_loss_2014)
        )


@lru_cache
def _directions() -> tuple[Tensor, Tensor]:
    """Mean of real faces at 16×16 pixels, and two directions in which they differ most, scaled to
    a deviation of 1: [768] and [768, 2]."""
    real = _small(faces(range(256)))
    mean = real.mean(0)
    _, values, directions = torch.linalg.svd(real - mean, full_matrices=False)
    deviations = values[:2] / len(real) ** 0.5
    return mean, (directions[:2] / deviations[:, None]).T


def _small(images: Tensor) -> Tensor:
    return F.avg_pool2d(images, 4).flatten(1)


def _points(images: Tensor, **more: Any) -> list[Point]:
    """Where faces lie in the plane of :func:`_directions`."""
    mean, directions = _directions()
    return [Point((x, y), **more) for x, y in ((_small(images) - mean) @ directions).tolist()]


def _filmed(good: View | None = None, bad: View | None = None) -> Scene:
    """Both trainings at one moment: what they draw, how varied it is, how far D sees through it."""
    points = _points(faces(range(KNOWN)), faint=True)
    numbers: dict[str, str] = {}
    sheets, bars, told = [], [], []
    for view, name, second in ((good, "balanced", False), (bad, "collapsed", True)):
        label, tail = name, "_bad" if second else ""
        bar = Bar(name, second=second)
        if view is not None:
            seen = view.extras
            gap = seen["score_real"] - seen["score_fake"]
            points += _points(view.images, second=second)
            bar = Bar(name, gap / WIDEST, f"{gap:.1f}", second=second)
            label = f"{name}, {seen['passes']:,} images"
            numbers[f"real{tail}"] = f"{seen['score_real']:.1f}"
            numbers[f"drawn{tail}"] = f"{seen['score_fake']:.1f}"
            told.append(f"{label}: D holds real and drawn {gap:.1f} logits apart.")
            if not second:
                numbers |= {key: f"{seen[key]:.2f}" for key in ("loss_d", "loss_g")}
        bars.append(bar)
        sheets.append(
            Picture(
                None if view is None else view.images, f"{name}: nine faces", label, 3, SHOWN,
                name=f"drawn{tail}", grow=11, result=True, filmed=view is not None,
            )
        )  # fmt: skip
    alt = "Real faces as faint points, and those that both generators draw"
    plane = Plane(points, 3.0, alt, "faint: real faces", name="real real_bad", grow=8)
    gaps = Bars("D: real − drawn", bars, name="real drawn real_bad drawn_bad loss_d loss_g", grow=3)
    machine = Row((sheets[0], Column((plane, gaps), grow=7), sheets[1]), grow=15)
    text = " ".join(told) or "Two trainings: a sheet of faces for each, both empty."
    return Scene(Column((machine, Film(first=1, grow=4))), text, "", numbers)


class FreshParameters(Parameters):
    """How typical the faces are to be."""

    truncation: float = slider_of(
        SampleParameters, "truncation", "Truncation ψ", default=0.8, step=0.05
    )


class Fresh(Demo[FreshParameters]):
    """New faces in one pass, and what the discriminator holds of them."""

    name, slide, order, title, family = "fresh", 2, 2, "Fresh faces", "gan"
    hint = "Lower ψ pulls every face towards the average one. Does D still tell drawn from real?"
    models = ("gan",)
    parameters = FreshParameters
    foremost = "truncation"
    quick = True

    async def frames(self, context: Context, p: FreshParameters) -> AsyncGenerator[Frame, None]:
        """Four faces in one pass; then these and four real ones before the discriminator."""
        drawing = Result(context, "gan.sample", n=LANE, seed=p.seed, truncation=p.truncation)
        waits = drawing.frames("The generator is drawing.", 2, self.outline(context, p))
        async with aclosing(waits) as frames:
            async for frame in frames:
                yield frame
        judging = Result(context, "gan.judge", seed=p.seed, images=_real(p.seed))
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
            Line(LOSS_D, "=", "softplus", "(", DRAWN, "−", REAL, ")", at="judge"),
            Line(LOSS_G, "=", "softplus", "(", REAL, "−", DRAWN, ")", at="judge"),
            source="Logits are means of the four faces; only differences of logits mean "
            f"anything. {PAIRING}; Karras et al., StyleGAN2, 2020.",
        )  # fmt: skip

    def listings(self, p: FreshParameters) -> Sequence[Listing]:
        """Both networks, and the loss."""
        return (
            Listing(Generator.map, {"draw": ("w =", "for layer")}),
            Listing(Generator.truncate, {"draw": ("return",)}),
            Listing(Generator.synthesize, {"draw": ("x =", "image")}),
            Listing(Discriminator.forward, {"judge": ("x =", "out:")}),
            Listing(relativistic_loss, {"judge": ("return",)}),
        )


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
        numbers |= {
            "real": f"{float(real.mean()):.1f}",
            "drawn": f"{float(fake.mean()):.1f}",
            "loss_d": f"{float(relativistic_loss(real, fake)):.2f}",
            "loss_g": f"{float(relativistic_loss(fake, real)):.2f}",
        }
        text += f" D's mean logit: drawn {numbers['drawn']}, real {numbers['real']}."
    return Scene(Row((machines, lanes)), text, ("", "draw", "judge")[step], numbers)


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

    name, slide, order, title, family = "mix", 2, 3, "Mix styles", "gan"
    hint = "Coarse layers decide shape, fine layers decide colour."
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
