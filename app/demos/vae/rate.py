"""Slide 1: one network for every beta, from precise codes to none at all."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, opening, side_by_side, waiting
from app.demos.kit import (
    Column,
    Formula,
    Graph,
    Line,
    Listing,
    Picture,
    Row,
    Scene,
    Spectrum,
    Symbol,
    fraction,
    sub,
)
from app.demos.parameters import Parameters, exponent_of, face
from app.demos.vae.code import REBUILT, Z
from app.engine import Progress
from models.families.vae import LATENT, SILENT, VAE, in_use, reparameterize, sigma_vae_loss
from models.procedures.vae_rates import RatesParameters, VAERates
from models.runtime.sampler import View

FACES = 4
DRAWS = 8
COLUMNS = 4
TALLEST = 6.0
"""Nats of a dimension whose bar fills its room."""
NOTE = "The same faces and the same random z at every β."

BETA = Symbol("beta", "β", "how much a nat of the code costs")
KL = Symbol("kl", sub("D", "KL"), "what the code says, in nats")
ERROR = Symbol("error", "MSE", "how far the faces are off; here its root, of 255")


class RateParameters(Parameters):
    """Which weight of the KL term, and from which face of the gallery on."""

    log_beta: float = exponent_of(RatesParameters, "beta", "β", default=2.0)
    first: int = face(0, "First of four faces")


class Rate(Demo[RateParameters]):
    """Reconstruction, samples and the price of a code, at any beta."""

    name, slide, order, family = "rate", 1, 3, "vae"
    models = ("vae",)
    parameters = RateParameters
    foremost = "log_beta"
    quick = True

    async def frames(self, context: Context, p: RateParameters) -> AsyncGenerator[Frame, None]:
        """Faces rebuilt and drawn at one beta, and the curve over all."""
        beta = 10**p.log_beta
        images = faces([(p.first + i) % 256 for i in range(FACES)])
        plays = [
            ("vae.rates", context.request("vae.rates", seed=p.seed, images=images, beta=beta)),
            ("vae.sample", context.request("vae.sample", n=DRAWS, seed=p.seed, beta=beta)),
        ]
        outline = self.outline(context, p)
        async with aclosing(side_by_side(context, plays)) as pairs:
            async for pair in pairs:
                queued = next((event for event in pair if event.waits), None)
                if queued is not None:
                    yield waiting(queued, outline=outline)
                elif not all(event.done for event in pair):
                    yield opening(NOTE, 1, outline)
                else:
                    yield await asyncio.to_thread(_finished, beta, pair)

    def outline(self, context: Context, p: RateParameters) -> Scene:
        """All parts, none of them filled."""
        return _scene(10**p.log_beta)

    def formula(self, p: RateParameters) -> Formula:
        """What was minimized, with a beta drawn anew for every image."""
        mu, sigma = Symbol("mu", "μ", "mean of the code"), Symbol("sigma", "σ", "its deviation")
        x = Symbol("x", "x", "a real face")
        return Formula(
            Line("(", mu, ",", sigma, ")", "=", "Encoder", "(", x, ",", BETA, ")", at="shown"),
            Line(Z, "=", mu, "+", sigma, "·", "ε", at="shown"),
            Line(REBUILT, "=", "Decoder", "(", Z, ",", BETA, ")", at="shown"),
            Line("Loss", "=", fraction("1", "2"), "log", ERROR, "+", fraction(BETA, "D"), KL,
                 at="shown"),
            source="D: values of an image, 12,288. Bae et al., Multi-Rate VAE, 2023; "
            "Higgins et al., beta-VAE, 2017; Rybkin et al., sigma-VAE, 2021, equation 5.",
        )  # fmt: skip

    def listings(self, p: RateParameters) -> Sequence[Listing]:
        """The network at one beta, the loss, the curve."""
        return (
            Listing(VAE.encode, {"shown": ("told", "scale, shift", "mu, logvar")}),
            Listing(reparameterize),
            Listing(VAE.decode, {"shown": ("told", "code =")}),
            Listing(sigma_vae_loss, {"shown": ("error", "return")}),
            Listing(VAERates.step),
        )


def _finished(beta: float, pair: Sequence[Progress]) -> Frame:
    scene = _scene(beta, *(event.view for event in pair))
    return Frame(NOTE, 1, 1, max(event.seconds for event in pair), True, scene=scene)


def said(beta: float) -> str:
    """A beta in two digits: 0.0032, 1, 250."""
    return f"{float(f'{beta:.2g}'):g}"


def _scene(beta: float, known: View | None = None, drawn: View | None = None) -> Scene:
    """Left pictures, right figures; an outline of them before there are any."""
    extras = known.extras if known else {}
    at = f"β = {said(beta)}"
    pictures = Column(
        (
            Picture(extras.get("originals"), "Four real faces", "real faces", COLUMNS, FACES,
                    name="x", grow=11),
            Picture(known.images if known else None, f"The four faces rebuilt at {at}",
                    f"rebuilt at {at}", COLUMNS, FACES, name="rebuilt error", grow=11, result=True),
            Picture(drawn.images if drawn else None, f"Eight random z decoded at {at}",
                    f"random z from N(0, I), decoded at {at}", COLUMNS, DRAWS, name="z beta",
                    grow=20, result=True),
        ),
        grow=12, result=True,
    )  # fmt: skip
    figures = Column((_curve(at, known), _spectrum(known)), grow=11)
    return Scene(
        Row((pictures, figures)), _told(at, known), "shown" if known else "", _numbers(beta, known)
    )


def _curve(at: str, known: View | None) -> Graph:
    """What codes cost and what is lost, over all betas."""
    places: list[tuple[float, float]] = []
    here, alt = None, "An empty graph"
    if known is not None:
        extras = known.extras
        places = list(zip(extras["rates"].tolist(), extras["distortions"].tolist(), strict=True))
        here = (extras["rate"], extras["rmse"])
        betas = extras["betas"].tolist()
        ends = [
            f"at β = {said(betas[i])} {places[i][0]:.0f} nats and an error of {places[i][1]:.0f}"
            for i in (0, -1)
        ]
        alt = f"A falling curve: {ends[1]}, {ends[0]}"
    return Graph(
        places, alt, "rate: what the code says, nats", "distortion: error (RMSE of 255)",
        here, at, name="kl error beta", grow=14,
    )  # fmt: skip


def _spectrum(known: View | None) -> Spectrum:
    """The nats of every dimension, and how many of them say anything."""
    if known is None:
        return Spectrum(
            f"KL of each of the {LATENT} numbers, sorted", (), TALLEST, SILENT, "No bars yet"
        )
    nats = known.extras["nats"]
    used = int(in_use(nats))
    return Spectrum(
        f"KL of each number, sorted: {used} of {len(nats)} in use",
        nats.tolist(), TALLEST, SILENT,
        f"{used} of {len(nats)} bars are above {SILENT:g} nats; the tallest has "
        f"{float(nats.max()):.1f}",
        name="kl", grow=8,
    )  # fmt: skip


def _told(at: str, known: View | None) -> str:
    if known is None:
        return (
            "Four faces, places for them rebuilt, for eight samples, a curve and bars: all empty."
        )
    extras = known.extras
    nats = extras["nats"]
    return (
        f"At {at} four real faces are encoded and rebuilt with an error of {extras['rmse']:.1f} of "
        f"255; their codes say {extras['rate']:.0f} nats, in {int(in_use(nats))} of {len(nats)} "
        "numbers. Below them eight random points of N(0, I) are decoded at the same β."
    )


def _numbers(beta: float, known: View | None) -> dict[str, str]:
    numbers = {"beta": said(beta)}
    if known is not None:
        rate, error = known.extras["rate"], known.extras["rmse"]
        numbers |= {"kl": f"{rate:.0f}" if math.isfinite(rate) else "", "error": f"{error:.1f}"}
    return numbers
