"""Slide 7: what the latent space is, and what it saves."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from torch import Tensor

from app.context import Context
from app.deck.comparison import step_ratio
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, follow
from app.demos.kit import (
    Bar,
    Bars,
    Column,
    Formula,
    Line,
    Listing,
    Machine,
    Picture,
    Row,
    Scene,
    Symbol,
    hat,
    root,
    row,
    sup,
)
from app.demos.latent import latent_picture
from app.demos.parameters import Parameters, face
from app.demos.suggestions import as_faces
from app.engine import Progress
from models.families.latent_diffusion import latent_denoiser
from models.parts.autoencoder import CHANNELS, PIXELS, SIDE, Autoencoder
from models.parts.denoiser import Denoiser
from models.parts.losses import rmse
from models.runtime.sampler import View

CLEARER = 8
"""How many times larger the difference is drawn, to be seen at all."""
STEPS = 12

X = Symbol("x", "x", "a real face")
Z = Symbol("z", "z", "its latent")
SCALE = Symbol("scale", "k", "so that latents have unit variance")
REBUILT = Symbol("rebuilt", hat("x"), "what is made of the latent")
ERROR = Symbol("error", "RMSE", "how far it is off, in levels of 255")
BEFORE = Symbol("before", "n", "numbers of the picture")
AFTER = Symbol("after", "m", "numbers of the latent")


class CompressParameters(Parameters):
    """Which faces to compress."""

    image: int = face(40)


class Compress(Demo[CompressParameters]):
    """The autoencoder alone."""

    name, slide, order, title, family = "compress", 7, 4, "Compress", "latent"
    hint = "Sixty-four times fewer positions. Look closely: what did it cost?"
    models = ("autoencoder",)
    parameters = CompressParameters
    seeded = False
    foremost = "image"

    def frames(self, context: Context, p: CompressParameters) -> AsyncGenerator[Frame, None]:
        """Encode and decode a real 128×128 face."""
        images = faces([p.image], 128)
        request = context.request("latent-diffusion.autoencode", seed=p.seed, images=images)
        notes = ("A real face.", "Encoded.", "Decoded.")
        return follow(
            context, "latent-diffusion.autoencode", request,
            lambda view, f: _compressed(images, view, f), lambda f: notes[f.step],
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: CompressParameters) -> Scene:
        """The way through the latent, empty."""
        return _compressed(None)

    def formula(self, p: CompressParameters) -> Formula:
        """There and back, and what is lost."""
        off = sup(row("(", REBUILT, "−", X, ")"), "2")
        return Formula(
            Line(Z, "=", SCALE, "·", "Encoder", "(", X, ")", at="encode"),
            Line(REBUILT, "=", "Decoder", "(", Z, "/", SCALE, ")", at="decode"),
            Line(ERROR, "=", root(row("mean", off)), at="decode"),
            Line(BEFORE, "/", AFTER, "=", Symbol("ratio", "r", "how many times fewer numbers")),
            source="Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, "
            "2022.",
        )

    def listings(self, p: CompressParameters) -> Sequence[Listing]:
        """There and back, and the error."""
        return (
            Listing(Autoencoder.encode, {"encode": ("return",)}),
            Listing(Autoencoder.decode, {"decode": ("out", "return")}),
            Listing(rmse, {"decode": ("return",)}),
        )


def _compressed(
    images: Tensor | None, view: View | None = None, progress: Progress | None = None
) -> Scene:
    """Face, encoder, latent, decoder, face; below them the numbers and the difference."""
    step = progress.step if progress else 0
    extras: Mapping[str, Any] = view.extras if view else {}
    latent, made = extras.get("latent"), view.images if view and "rmse" in extras else None
    off = None if images is None or made is None else (CLEARER * (made - images) / 2).clamp(-1, 1)
    way = Row(
        (
            Picture(images, "The real face", "real, 128×128", side=128, name="x", grow=10),
            Machine("encoder", "Encoder", name="z", lit=step == 1, grow=2),
            latent_picture(latent, "latent, 4 of 16×16", name="z", grow=10),
            Machine("decoder", "Decoder", name="rebuilt", lit=step == 2, grow=2),
            Picture(made, "The face rebuilt", "rebuilt", side=128, name="rebuilt", grow=10,
                    result=True),
        ),
        grow=11,
    )  # fmt: skip
    label = f"rebuilt − real, {CLEARER} times as strong"
    sizes = Column(
        (_sizes("Numbers", True, images, latent), _sizes("Positions", False, images, latent)),
        grow=19,
    )
    below = Row(
        (
            sizes,
            Picture(off, "The difference", label, side=128, name="error", grow=8),
        ),
        grow=9,
    )
    at = ("", "encode", "decode")[step]
    return Scene(Column((way, below)), _lost(extras), at, _counted(images, extras))


def _sizes(label: str, every: bool, images: Tensor | None, latent: Tensor | None) -> Bars:
    """How many numbers, or positions, there are before and after."""
    bars = [Bar("picture"), Bar("latent", second=True)]
    known = [values for values in (images, latent) if values is not None]
    counts = [values.numel() if every else values[0, 0].numel() for values in known]
    for i, count in enumerate(counts):
        bars[i] = Bar(bars[i].title, count / counts[0], f"{count:,}", second=i > 0)
    return Bars(label, bars, name="before after ratio" if every else "")


def _lost(extras: Mapping[str, Any]) -> str:
    if not extras:
        return "A face, an encoder, four small channels, a decoder and a face again: all empty."
    before = extras["originals"].numel()
    told = [f"A real face of {before:,} numbers goes into the encoder."]
    if "latent" in extras:
        after = extras["latent"].numel()
        told.append(f"Its latent has {after:,} numbers, {before / after:.0f} times fewer.")
    if "rmse" in extras:
        error = float(extras["rmse"][0])
        told.append(f"The face rebuilt from them is off by {error:.1f} of 255 levels.")
    return " ".join(told)


def _counted(images: Tensor | None, extras: Mapping[str, Any]) -> dict[str, str]:
    numbers = {} if images is None else {"before": f"{images.numel():,}"}
    if images is not None and "latent" in extras:
        after = extras["latent"].numel()
        numbers |= {"after": f"{after:,}", "ratio": f"{images.numel() / after:.0f}"}
    if "rmse" in extras:
        numbers["error"] = f"{float(extras['rmse'][0]):.1f}"
    return numbers


class Drawn:
    """What one of both models has drawn, and how long a step took it.

    Args:
        end: of its procedure.
        side: of its picture.
    """

    def __init__(self, end: Progress, side: int) -> None:
        self.images, self.seconds = end.view.images, end.compute / end.total
        self.rate = side**2 / (STEPS * self.seconds)


SPACES = (("diffusion", "pixels", 64), ("latent-diffusion", "latents", 128))
"""Model, what it works in, and the side of its pictures."""


class Cost(Demo[Parameters]):
    """Pixels against latents, on the clock."""

    name, slide, order, title, family = "cost", 7, 5, "Cost", "latent"
    hint = "The same denoiser and the same step: in latents it makes four times as many pixels."
    models = ("diffusion", "latent-diffusion")

    async def frames(self, context: Context, p: Parameters) -> AsyncGenerator[Frame, None]:
        """The same number of steps in both spaces, timed now."""
        drawn: list[Drawn] = []
        ratio = step_ratio(context)
        for i, (model, name, side) in enumerate(SPACES, 1):
            asked = as_faces(context, model)
            drawing = Result(context, f"{model}.sample", n=1, seed=p.seed, num_steps=STEPS, **asked)
            if drawn:
                await drawing.wait()
            else:
                outline = self.outline(context, p)
                opening = drawing.frames(f"{STEPS} steps in {name}.", len(SPACES), outline)
                async with aclosing(opening) as frames:
                    async for frame in frames:
                        yield frame
            drawn.append(Drawn(drawing.end, side))
            yield Frame(
                f"{STEPS} steps in {name}, then the picture.", i, len(SPACES),
                drawing.end.seconds, i == len(SPACES), scene=_compared(drawn, ratio),
            )  # fmt: skip

    def outline(self, context: Context, p: Parameters) -> Scene:
        """Both machines, empty."""
        return _compared([], step_ratio(context))

    def formula(self, p: Parameters) -> Formula:
        """How many numbers a step changes, and what comes of them."""
        pixels = Symbol("pixels", "a", "numbers of a picture of 64×64")
        latents = Symbol("latents", "b", "numbers of a latent for 128×128")
        rates = [
            Symbol(f"rate_{name}", "r", f"pixels a second, in {name}") for _, name, _ in SPACES
        ]
        times = [
            Symbol(f"time_{name}", "t", f"seconds of a step, in {name}") for _, name, _ in SPACES
        ]
        return Formula(
            Line(pixels, "=", "3", "·", "64", "·", "64"),
            Line(latents, "=", "4", "·", "16", "·", "16"),
            *(
                Line(rate, "=", str(side**2), "/", "(", str(STEPS), time, ")", at=name)
                for rate, time, (_, name, side) in zip(rates, times, SPACES, strict=True)
            ),
            source=f"{STEPS} steps each, decoding left out.",
        )

    def listings(self, p: Parameters) -> Sequence[Listing]:
        """The one network for both spaces."""
        return (Listing(latent_denoiser, {"latents": ("return",)}), Listing(Denoiser.denoise))


def _compared(drawn: Sequence[Drawn], ratio: Mapping[str, float]) -> Scene:
    """Two machines with one denoiser, their pictures on one scale of pixels, and their times."""
    first, second = (drawn[i].images if i < len(drawn) else None for i in range(2))
    working = len(drawn)
    pixels = Row(
        (
            Machine("network", "Denoiser", name="time_pixels pixels", lit=working == 0, grow=3),
            Picture(first, "A face of 64×64 pixels", "64×64 pixels", name="rate_pixels", grow=12,
                    result=True),
        ),
        grow=11,
    )  # fmt: skip
    left = Column((pixels, _times(drawn), _rates(drawn), _against(ratio)), grow=13)
    latents = Machine("network", "Denoiser", name="time_latents latents", lit=working == 1, grow=2)
    decoder = Machine("decoder", "Decoder", name="rate_latents", grow=2)
    picture = Picture(
        second, "A face of 128×128 pixels", "by latents: 128×128 pixels", side=128,
        name="rate_latents", grow=20, result=True,
    )  # fmt: skip
    numbers = {"pixels": f"{3 * 64**2:,}", "latents": f"{CHANNELS * SIDE**2:,}"}
    for own, (_, name, _) in zip(drawn, SPACES, strict=False):
        numbers[f"time_{name}"] = f"{own.seconds:.3f} s"
        numbers[f"rate_{name}"] = f"{own.rate:,.0f}"
    at = SPACES[len(drawn) - 1][1] if drawn else ""
    return Scene(Row((left, latents, decoder, picture)), _timed(drawn, ratio), at, numbers)


def _times(drawn: Sequence[Drawn]) -> Bars:
    """Milliseconds of a step in both spaces."""
    most = max((own.seconds for own in drawn), default=1.0)
    values = [(own.seconds / most, f"{1000 * own.seconds:.0f} ms") for own in drawn]
    return _pair("A step", values, "time_pixels time_latents")


def _rates(drawn: Sequence[Drawn]) -> Bars:
    """Pixels made a second in both spaces."""
    most = max((own.rate for own in drawn), default=1.0)
    values = [(own.rate / most, f"{own.rate:,.0f}") for own in drawn]
    return _pair("Pixels a second", values, "rate_pixels rate_latents")


def _against(ratio: Mapping[str, float]) -> Bars:
    """Operations of a step for 128×128 pixels in both spaces, as the model's card has them."""
    values = [(1.0, f"{ratio['gflops']:.1f}×"), (1 / ratio["gflops"], "1×")] if ratio else []
    return _pair(f"Work for {PIXELS}×{PIXELS}", values, "pixels latents")


def _pair(label: str, values: Sequence[tuple[float, str]], name: str) -> Bars:
    """A value of each space."""
    bars = [Bar(space, second=i > 0) for i, (_, space, _) in enumerate(SPACES)]
    for i, (share, text) in enumerate(values):
        bars[i] = Bar(SPACES[i][1], share, text, second=i > 0)
    return Bars(label, bars, name=name, grow=3)


def _timed(drawn: Sequence[Drawn], ratio: Mapping[str, float]) -> str:
    if not drawn:
        return "Two machines with the same denoiser, one in pixels, one in latents: both empty."
    told = [
        f"In {name} a step took {1000 * own.seconds:.0f} milliseconds for a picture of "
        f"{side}×{side}."
        for own, (_, name, side) in zip(drawn, SPACES, strict=False)
    ]
    if ratio:
        told.append(
            f"The same network on {PIXELS}×{PIXELS} pixels takes {ratio['gflops']:.1f} times the "
            f"operations of a latent step and {ratio['milliseconds']:.1f} times its time, measured "
            "beforehand."
        )
    return " ".join(told)
