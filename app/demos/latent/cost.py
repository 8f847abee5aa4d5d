"""Slide 7: what the latent space saves."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from app.context import Context
from app.deck.comparison import step_ratio
from app.demos.demo import Demo, Frame, Result
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
)
from app.demos.parameters import Parameters
from app.demos.prompts.suggestions import as_faces
from app.engine import Progress
from models.families.latent_diffusion import latent_denoiser
from models.parts.autoencoder import CHANNELS, PIXELS, SIDE
from models.parts.denoiser import Denoiser

STEPS = 12
SPACES = (("diffusion", "pixels", 64), ("latent-diffusion", "latents", 128))
"""Model, what it works in, and the side of its pictures."""


class Drawn:
    """What one of both models has drawn, and how long a step took it.

    Args:
        end: of its procedure.
        side: of its picture.
    """

    def __init__(self, end: Progress, side: int) -> None:
        self.images, self.seconds = end.view.images, end.compute / end.total
        self.rate = side**2 / (STEPS * self.seconds)


class Cost(Demo[Parameters]):
    """Pixels against latents, on the clock."""

    name, slide, order, family = "cost", 7, 5, "latent"
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
