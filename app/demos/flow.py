"""Slide 3, first half: the normalizing flow."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import torch
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, follow
from app.demos.kit import (
    Bar,
    Bars,
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
    fraction,
    hat,
    row,
    sub,
    sup,
)
from app.demos.parameters import Parameters, dataset, face, slider, slider_of
from app.engine import Progress
from models.families.flow import (
    BLOCKS,
    NOISE,
    FlowBlock,
    TokenMap,
    bits_per_dim,
    denoise,
    log_prob,
)
from models.procedures.flow import SampleParameters as Sampling
from models.runtime.sampler import View

LONGEST = 16
"""Bits per value that fill a bar."""
RAW = 8
"""Bits per value of uncompressed pixels."""
FULL = 1.5
"""Nats per value that fill a block."""
VALUES = 3 * 64 * 64
NAMES = ("real face", "drawn face", "random pixels")

X = Symbol("x", sub("x", "i"), "patch i of the picture")
Z = Symbol("z", sub("z", "i"), "the same patch as noise")
MU = Symbol("mu", sub("μ", "i"), "mean, read from the patches before")
ALPHA = Symbol("alpha", sub("α", "i"), "log-scale, from them too")
SHARE = Symbol("share", sub("ℓ", "k"), "log-determinant of block k, nats a value")
SUM = Symbol("sum", row("∑", sub("ℓ", "k")), "of all blocks")
DENSITY = Symbol("density", row("log", "p", "(", "x", ")"), "log-likelihood, nats a value")
NORMAL = Symbol("normal", row("log", "N", "(", "z", ")"), "of z under N(0, I)")
TARFLOW = "Zhai et al., Normalizing Flows are Capable Generative Models (TarFlow), 2024"


UNDONE = Line(X, "=", Z, "·", sup("e", ALPHA.bare), "+", MU, at="undo")
APPLIED = (
    Line(Z, "=", "(", X, "−", MU, ")", "·", sup("e", row("−", ALPHA.bare)), at="apply"),
    Line(SHARE, "=", "−", fraction("1", "D"), "∑", ALPHA, at="apply"),
    Line(DENSITY, "=", NORMAL, "+", SUM, at="apply"),
)


class SampleParameters(Parameters):
    """What to draw, how clear shapes are made, and how wide the Gaussian is that it comes from.

    The temperature is relative to what suits the data, as the model's card has it.
    """

    dataset: str = dataset()
    guidance_scale: float = slider_of(Sampling, "guidance_scale", "Guidance", high=5, step=0.5)
    temperature: float = slider(1, 0.3, 1.2, 0.05, "Temperature")


class FlowSample(Demo[SampleParameters]):
    """Noise becomes a face, or clothes, through invertible blocks."""

    name, slide, order, title, family = "flow", 3, 1, "Noise to face", "flow"
    hint = "At guidance 1 it draws what it has learned; more makes shapes clearer."
    models = ("flow", "fashion-flow")
    parameters = SampleParameters
    foremost = "guidance_scale"

    def frames(self, context: Context, p: SampleParameters) -> AsyncGenerator[Frame, None]:
        """One frame a block."""
        procedure = f"{self.model_of(context, p.dataset)}.sample"
        temperature = p.temperature * context.request(procedure).parameters.temperature
        request = context.request(
            procedure,
            n=2 if p.dataset == "fashion" else 1,
            seed=p.seed,
            temperature=temperature,
            guidance_scale=p.guidance_scale,
        )

        def note(progress: Progress) -> str:
            blocks = progress.view.extras["blocks"]
            if progress.step > blocks:
                return (
                    "Not a block and not invertible: a gradient of the log-likelihood took off "
                    "the noise of the training images."
                )
            return f"{progress.step} of {blocks} invertible blocks undone."

        return follow(
            context, procedure, request,
            lambda view, f: _drawn(p, self._blocks(context, p), view, f, temperature), note,
            outline=self.outline(context, p),
        )  # fmt: skip

    def _blocks(self, context: Context, p: SampleParameters) -> int:
        card = context.card(self.model_of(context, p.dataset))
        blocks: int = card["architecture"].get("blocks", BLOCKS)
        return blocks

    def outline(self, context: Context, p: SampleParameters) -> Scene:
        """The chain, empty."""
        return _drawn(p, self._blocks(context, p))

    def formula(self, p: SampleParameters) -> Formula:
        """The draw, a block undone, guidance, and the noise that is taken off."""
        scale = Symbol("guidance", "w", "guidance")
        begin = Symbol("temperature", "T", "temperature")
        noise = Symbol("epsilon", "ε", "noise from N(0, I), from the seed")
        away = Symbol("blurred", sup(sub("μ", "i"), "~"), "the mean where attention is blurred")
        lines = [Line("z", "=", begin, "·", noise, at="draw"), UNDONE]
        if p.dataset == "fashion":
            lines[1:] = _undone_in_turn()
        if p.guidance_scale > 1:
            lines.append(Line(MU, "←", away, "+", scale, "(", MU, "−", away, ")", at="undo"))
        if p.dataset == "faces":
            lines.append(_cleaned())
        return Formula(
            *lines,
            source="α is guided as μ is; w grows from 1 at the first patch to its value at the "
            f"last. {TARFLOW}, sections 3.4 and 3.5.",
        )

    def listings(self, p: SampleParameters) -> Sequence[Listing]:
        """A patch, guidance, the block around them, and Tweedie's formula."""
        listed = [
            Listing(TokenMap.inverse, {"undo": ("x = z",)}),
            Listing(TokenMap.guided, {"undo": ("mu =", "return")}),
            Listing(FlowBlock.inverse, {"undo": ("for i", "h = self.blocks", "out.append")}),
        ]
        if p.dataset == "faces":
            listed.append(Listing(denoise, {"clean": ("density", "(gradient,)", "return")}))
        return listed


def _undone_in_turn() -> list[Line]:
    """Of clothes: a patch's values depend on one another, and on a mixture of logistics."""
    before = Symbol("before", sub("L", "i"), "weights of the values before, in the patch")
    mixture = Symbol("mixture", "F", "mixture of logistics, in block 1")
    inverse = row("−", "1")
    return [
        Line(sub("u", "i"), "=", Z, "·", sup("e", ALPHA.bare), "+", MU, at="undo"),
        Line(
            X, "=", sup(mixture, inverse),
            "(", sup(row("(", "I", "−", before, ")"), inverse), sub("u", "i"), ")", at="undo",
        ),
    ]  # fmt: skip


def _cleaned() -> Line:
    """Tweedie's formula."""
    sigma = Symbol("sigma", sup("σ", "2"), "variance of the training images' noise")
    return Line(hat("x"), "=", "x", "+", sigma, "∇", "log", "p", "(", "x", ")", at="clean")


def _chain(stations: Sequence[tuple[Block, Picture]], columns: int = 3) -> Part:
    """Blocks and what each makes, read like lines of a text."""
    parts = [part for station in stations for part in station]
    length = 2 * columns
    return Column([Row(parts[i : i + length]) for i in range(0, len(parts), length)])


def _drawn(
    p: SampleParameters,
    blocks: int,
    view: View | None = None,
    progress: Progress | None = None,
    temperature: float = 1.0,
) -> Scene:
    """Noise and the image after every block; of clothes two chains, since theirs is short."""
    step = progress.step if progress else -1
    path = view.extras["path"] if view else []
    side, rows, last = (28, 2, blocks) if p.dataset == "fashion" else (64, 1, blocks + 1)

    def station(image: int, i: int) -> tuple[Block, Picture]:
        title, label, name = f"block {blocks - i + 1}", f"block {blocks - i + 1} undone", "x"
        working = "alpha mu guidance blurred before mixture"
        if i == 0:
            title, label, name = "N(0, I)", "z: Gaussian noise", "z epsilon temperature"
            working = "epsilon temperature"
        elif i > blocks:
            title, label, working = "noise off", "training noise off", "sigma"
        picture = Picture(
            path[i][image, None] if i < len(path) else None, f"The image: {label}", label,
            side=side, name=name, grow=9, result=i == last,
        )  # fmt: skip
        return Block(title, name=working, lit=step == i), picture

    root = _chain([station(image, i) for image in range(rows) for i in range(last + 1)])
    numbers = {"temperature": f"{temperature:.2g}", "guidance": f"{p.guidance_scale:g}"}
    if step > blocks:
        numbers["sigma"] = f"{NOISE**2:.4f}"
    thing = "two photos" if p.dataset == "fashion" else "a face"
    text = f"A chain of {blocks} blocks from Gaussian noise to {thing}."
    if step >= 0:
        text += f" {min(step, blocks)} of them have been undone."
    if step > blocks:
        text += " The noise of the training images has been taken off."
    at = "" if step < 0 else "draw" if step == 0 else "undo" if step <= blocks else "clean"
    return Scene(root, text, at, numbers)


class RoundTripParameters(Parameters):
    """Which face to send there and back."""

    image: int = face(17)


class RoundTrip(Demo[RoundTripParameters]):
    """Image → noise → the same image."""

    name, slide, order, title, family = "roundtrip", 3, 2, "There and back", "flow"
    hint = "The way back is exact but for rounding; x has the noise of the training images."
    models = ("flow",)
    parameters = RoundTripParameters
    foremost = "image"

    def frames(self, context: Context, p: RoundTripParameters) -> AsyncGenerator[Frame, None]:
        """Forward through the blocks to z, then back."""
        images = faces([p.image])
        request = context.request("flow.roundtrip", seed=p.seed, images=images, training_noise=True)
        return follow(
            context, "flow.roundtrip", request, lambda view, f: _passed(view.extras, f.step),
            _passage, outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: RoundTripParameters) -> Scene:
        """The chain, empty."""
        return _passed({}, -1)

    def formula(self, p: RoundTripParameters) -> Formula:
        """A block applied, the likelihood that follows, a block undone."""
        error = Symbol("error", "error", "largest difference of a value")
        largest = row("max", "|", "x′", "−", "x", "|")
        return Formula(
            *APPLIED, UNDONE, Line(error, "=", largest, at="undo"),
            source=f"D is the number of values, {VALUES:,}. {TARFLOW}, equations 4 to 6.",
        )  # fmt: skip

    def listings(self, p: RoundTripParameters) -> Sequence[Listing]:
        """A block there, a block back, the density."""
        return (
            Listing(FlowBlock.forward, {"apply": ("h =", "z, logdet")}),
            Listing(TokenMap.forward, {"apply": ("logdet =", "return")}),
            Listing(log_prob, {"apply": ("normal =", "return")}),
            Listing(TokenMap.inverse, {"undo": ("x = z",)}),
        )


def _passage(progress: Progress) -> str:
    """Which block of the way there, or of the way back."""
    blocks, step = progress.view.extras["blocks"], progress.step
    if step == 0:
        return "A real face with the Gaussian noise that the flow was trained with."
    if step <= blocks:
        return f"Block {step} of {blocks} applied, on the way to z."
    return f"Block {2 * blocks - step + 1} of {blocks} undone, on the way back."


def _passed(extras: Mapping[str, Any], step: int) -> Scene:
    """One chain for both ways: on the way back its pictures come anew, from the right."""
    path, shares = extras.get("path", ()), _shares(extras)
    back = step > BLOCKS

    def picture(i: int, label: str, name: str, **more: Any) -> Picture:
        images = path[i] if i < len(path) else None
        return Picture(images, f"The face: {label}", label, name=name, grow=9, **more)

    stations = [(Block("noise on", lit=step == 0), picture(0, "x: face and noise", "x"))]
    for k in range(1, BLOCKS + 1):
        again = step >= 2 * BLOCKS - k > BLOCKS
        label = f"block {k + 1} undone" if again else f"block {k} applied"
        if k == BLOCKS:
            label = f"z: deviation {float(extras['z'].std()):.2f}" if "z" in extras else "z"
        lit = step == (2 * BLOCKS + 1 - k if back else k)
        shown = picture(2 * BLOCKS - k if again else k, label, "z" if k == BLOCKS else "x z")
        stations.append((_share(k, shares, lit), shown))
    label = f"x again, {extras['error']:.0e} off" if "error" in extras else "x again"
    undone = Block("4, 3, 2, 1 undone", name="alpha mu", lit=back)
    stations.append((undone, picture(2 * BLOCKS, label, "x error", result=True)))
    at = "" if step < 1 else "undo" if back else "apply"
    return Scene(_chain(stations), _told(extras, step), at, _density(extras, shares))


def _shares(extras: Mapping[str, Any], image: int = 0) -> list[float]:
    """Log-determinants of the blocks that an image has passed, in nats a value."""
    return [float(logdet[image]) / VALUES for logdet in extras.get("logdets", ())]


def _share(k: int, shares: Sequence[float], lit: bool, title: str = "block {}") -> Block:
    """Block k, from 1, filled by its log-determinant."""
    if k > len(shares):
        return Block(title.format(k), name="share alpha mu sum density normal", lit=lit)
    share = shares[k - 1]
    return Block(
        title.format(k), f"{share:+.2f}", abs(share) / FULL, second=share < 0,
        name="share alpha mu sum density normal", lit=lit,
    )  # fmt: skip


def _told(extras: Mapping[str, Any], step: int) -> str:
    if step < 0:
        return "A chain of four blocks from a face to noise, empty."
    told = f"A real face with noise, sent through {min(step, BLOCKS)} of {BLOCKS} blocks."
    if "z" in extras:
        told += f" What comes out has a deviation of {float(extras['z'].std()):.2f}."
    if step > BLOCKS:
        told += f" {step - BLOCKS} blocks have been undone."
    if "error" in extras:
        told += f" The face is back; the largest error is {extras['error']:.0e}."
    return told


def _density(extras: Mapping[str, Any], shares: Sequence[float]) -> dict[str, str]:
    """Of the first image: the formula's numbers, in nats a value."""
    numbers: dict[str, str] = {}
    if shares:
        numbers |= {"share": f"{shares[-1]:.2f}", "sum": f"{sum(shares):.2f}"}
    if "log_prob" in extras:
        density = float(extras["log_prob"][0]) / VALUES
        numbers |= {"density": f"{density:.2f}", "normal": f"{density - sum(shares):.2f}"}
    if "error" in extras:
        numbers["error"] = f"{extras['error']:.0e}"
    return numbers


class Likelihood(Demo[Parameters]):
    """How likely is it? Only flows answer exactly."""

    name, slide, order, title, family = "likelihood", 3, 3, "How likely?", "flow"
    hint = (
        "Fewer bits mean more likely; all three get the training noise. Which is least surprising?"
    )
    models = ("flow",)

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """Bits per value of a real face, a drawn one, and noise."""
        drawing = Result(context, "flow.sample", n=1, seed=p.seed)
        waiting = drawing.frames("The flow is drawing a face.", BLOCKS, self.outline(context, p))
        async with aclosing(waiting) as frames:
            async for frame in frames:
                yield frame
        real, pixels = _given(p.seed)
        images = torch.cat([real, drawing.end.view.images, pixels])
        request = context.request("flow.encode", seed=p.seed, images=images, training_noise=True)
        asked = follow(
            context, "flow.encode", request,
            lambda view, f: _judged(list(images.unsqueeze(1)), view.extras, f.step),
            lambda f: f"{f.step} of {f.total} blocks applied to all three, on the way to z.",
            outline=self.outline(context, p),
        )  # fmt: skip
        async with aclosing(asked) as frames:
            async for frame in frames:
                yield frame

    def outline(self, context: Context, p: Parameters) -> Scene:
        """The face and the pixels that are given; the other face is yet to be drawn."""
        real, pixels = _given(p.seed)
        return _judged([real, None, pixels], {}, -1)

    def formula(self, p: Parameters) -> Formula:
        """A block, the change of variables, and bits."""
        bits = Symbol("bits", "bits", "a value of 8-bit pixels")
        size = row(sub("log", "2"), fraction("2", "255"))
        return Formula(
            *APPLIED,
            Line(bits, "=", "−", fraction(DENSITY, row("ln", "2")), "−", size, at="apply"),
            source=f"Numbers of the real face; D = {VALUES:,}. {TARFLOW}, equations 4 to 6.",
        )

    def listings(self, p: Parameters) -> Sequence[Listing]:
        """A block, the density, bits."""
        return (
            Listing(TokenMap.forward, {"apply": ("logdet =", "return")}),
            Listing(log_prob, {"apply": ("normal =", "return")}),
            Listing(bits_per_dim, {"apply": ("return",)}),
        )


def _given(seed: int) -> tuple[Tensor, Tensor]:
    """A real face and random pixels."""
    generator = torch.Generator().manual_seed(seed)
    index = int(torch.randint(256, (1,), generator=generator))
    return faces([index]), torch.rand(1, 3, 64, 64, generator=generator) * 2 - 1


def _judged(images: Sequence[Tensor | None], extras: Mapping[str, Any], step: int) -> Scene:
    """Three pictures, each with its own way through the blocks, and the bits of each."""
    columns, bits = [], [float(value) for value in extras.get("bits_per_dim", ())]
    for i, (image, name) in enumerate(zip(images, NAMES, strict=True)):
        shares = _shares(extras, i)
        blocks = [_share(k, shares, step == k, "{}") for k in range(1, BLOCKS + 1)]
        picture = Picture(image, name, name, name="x z", grow=16, result=True)
        columns.append(Column((picture, Row(blocks, stays=True, grow=5)), result=True))
    bars = [
        Bar(name, bits[i] / LONGEST, f"{bits[i]:.2f}", taken=bits[i] == min(bits))
        if bits else Bar(name)
        for i, name in enumerate(NAMES)
    ]  # fmt: skip
    label = f"Bits a value, exactly; the line: raw pixels, {RAW}"
    lengths = Bars(label, bars, RAW / LONGEST, name="bits density normal sum", grow=4)
    told = "A real face, a drawn one and random pixels, before four blocks."
    if bits:
        pairs = zip(NAMES, bits, strict=True)
        told = f"Bits a value: {', '.join(f'{name} {value:.2f}' for name, value in pairs)}."
    elif step > 0:
        told = f"A real face, a drawn one and random pixels behind {step} of {BLOCKS} blocks."
    numbers = _density(extras, _shares(extras)) | ({"bits": f"{bits[0]:.2f}"} if bits else {})
    root = Column((Row(columns, grow=18), lengths))
    return Scene(root, told, "apply" if step > 0 else "", numbers)
