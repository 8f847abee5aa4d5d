"""Slide 1: real faces through the bottleneck."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import (
    Bar,
    Bars,
    Column,
    Ellipse,
    Formula,
    Line,
    Listing,
    Machine,
    Picture,
    Plane,
    Point,
    Ring,
    Row,
    Scene,
    Symbol,
    fraction,
    sub,
    sup,
)
from app.demos.parameters import Parameters, face
from app.demos.vae.code import REBUILT, Z_LABEL, Z, at
from models.data.pixels import LEVEL
from models.families.vae import VAE, kl_divergence, reparameterize

LETTERS = "AB"
USUAL = 3 * 64 * 64 / 2
"""Nats of an average face's error: half a nat for each of its values."""

X = Symbol("x", "x", "a real face")
MU = Symbol("mu", "μ", "where its cloud lies")
SIGMA = Symbol("sigma", "σ", "how wide the cloud is")
EPSILON = Symbol("epsilon", "ε", "noise, from the seed")
ERROR = fraction(sup("‖x − x̂‖", "2"), "2s²")


class ReconstructParameters(Parameters):
    """Which gallery faces to encode: two, from the first."""

    first: int = face(0, "First of two faces")


class Reconstruct(Demo[ReconstructParameters]):
    """Real faces through the bottleneck."""

    name, slide, order, family = "reconstruct", 1, 1, "vae"
    models = ("vae",)
    parameters = ReconstructParameters
    foremost = "first"
    quick = True

    def frames(self, context: Context, p: ReconstructParameters) -> AsyncGenerator[Frame, None]:
        """Encode, sample, decode: one frame each."""
        images = faces([(p.first + i) % 256 for i in range(len(LETTERS))])
        request = context.request("vae.reconstruct", n=2, seed=p.seed, images=images)
        rmse = context.card("vae").get("measured", {}).get("test_rmse_255", 12.0)
        notes = (
            "Two real faces that the VAE has never seen.",
            "The encoder gave each face a mean μ and a deviation σ in 128 dimensions.",
            "A point z = μ + σ·ε was drawn from each cloud.",
            "The decoder rebuilt each face from its 128 numbers z.",
        )
        return follow(
            context, "vae.reconstruct", request,
            lambda view, f: _scene(view.extras, view.images, rmse, f.step),
            lambda f: notes[f.step], outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: ReconstructParameters) -> Scene:
        """All parts, none of them filled."""
        return _scene({}, None, 1.0)

    def formula(self, p: ReconstructParameters) -> Formula:
        """Encoding, the draw, decoding, and the loss."""
        error = Symbol("error", ERROR, "first term: how far the picture is off, in nats")
        kl = Symbol("kl", sub("D", "KL"), "second term: what the code says beyond N(0, I), in nats")
        return Formula(
            Line("(", MU, ",", SIGMA, ")", "=", "Encoder", "(", X, ")", at="encode"),
            Line(Z, "=", MU, "+", SIGMA, "·", EPSILON, at="sample"),
            Line(REBUILT, "=", "Decoder", "(", Z, ")", at="decode"),
            Line("Loss", "=", error, "+", kl, at="decode"),
            source="Numbers of face A in the first of the two dimensions shown. "
            "Kingma & Welling, Auto-Encoding Variational Bayes, 2013, equations 3 and 10.",
        )

    def listings(self, p: ReconstructParameters) -> Sequence[Listing]:
        """One function a step."""
        return (
            Listing(VAE.encode, {"encode": ("mu, logvar =", "return")}),
            Listing(reparameterize, {"sample": ("return",)}),
            Listing(VAE.decode, {"decode": ("out", "return")}),
            Listing(kl_divergence, {"decode": ("return",)}),
        )


def _scene(extras: Mapping[str, Any], rebuilt: Tensor | None, rmse: float, step: int = -1) -> Scene:
    """The machine after a step; an outline of it before there is anything."""
    originals, decoded = extras.get("originals"), rebuilt if "rmse" in extras else None
    axes = _axes(extras["mu"], extras["sigma"]) if "mu" in extras else (0, 1)
    terms = _loss(extras, decoded, rmse)
    most = max([USUAL, *terms[0], *terms[1]])
    real = [
        Picture(_pick(originals, i), f"Real face {c}", f"{c}, real", name="x", lit=step == 0)
        for i, c in enumerate(LETTERS)
    ]
    made = [
        Picture(_pick(decoded, i), f"Rebuilt {c}", f"{c}, rebuilt", name="rebuilt", result=True)
        for i, c in enumerate(LETTERS)
    ]
    root = Row(
        (
            Column(real, turns=True, grow=10),
            Machine("encoder", "Encoder", name="mu sigma", lit=step == 1, grow=2),
            Column(
                (
                    _clouds(extras, axes, step),
                    _term("Error of the picture, nats", terms[0], most, "error"),
                    _term("KL: what z says, nats", terms[1], most, "kl"),
                ),
                grow=11,
            ),
            Machine("decoder", "Decoder", name="rebuilt", lit=step == 3, grow=2),
            Column(made, turns=True, grow=10, result=True),
        )
    )
    at = ("", "", "encode", "sample", "decode")[step + 1]
    return Scene(root, _told(extras, terms), at, _numbers(extras, axes, terms))


def _pick(images: Tensor | None, i: int) -> Tensor | None:
    """The i-th of images that may not be there."""
    return None if images is None else images[i : i + 1]


def _axes(mu: Tensor, sigma: Tensor) -> tuple[int, int]:
    """Of the coordinates near the middle the two in which clouds are both wide and far apart."""
    near = (mu.abs().amax(0) < 1).float()
    first, second = (near * sigma.mean(0) * (mu[0] - mu[1]).abs()).topk(2).indices.tolist()
    return first, second


def _clouds(extras: Mapping[str, Any], axes: tuple[int, int], step: int) -> Plane:
    """The latent plane: N(0, I), the faces' clouds, the points that were drawn from them."""
    shapes: list[Ring | Ellipse | Point] = [Ring(1.0, "N(0, I)")]
    limit, x, y = 1.05, "", ""
    if "mu" in extras:
        places = [at(mu, axes) for mu in extras["mu"]]
        limit = max(limit, 1.2 * max(abs(v) for place in places for v in place))
        x, y = (f"number {axis + 1}" for axis in axes)
        clouds = zip(places, extras["sigma"], LETTERS, strict=True)
        shapes += [
            Ellipse(place, at(sigma, axes), letter, "mu sigma", second=i > 0)
            for i, (place, sigma, letter) in enumerate(clouds)
        ]
    if "z" in extras:
        shapes += [Point(at(z, axes), "", "z", i > 0) for i, z in enumerate(extras["z"])]
    alt = "Two of the 128 numbers: both faces' clouds within the unit circle of N(0, I)"
    name = "z mu sigma"
    return Plane(shapes, limit, alt, Z_LABEL, x, y, name=name, grow=12, lit=step in (1, 2))


def _term(label: str, values: Sequence[float], most: float, name: str) -> Bars:
    """One term of the loss, for both faces, on the scale of both terms."""
    bars = [Bar(letter, second=i > 0) for i, letter in enumerate(LETTERS)]
    if values:
        bars = [
            Bar(letter, value / most, f"{value:,.0f}", second=i > 0)
            for i, (letter, value) in enumerate(zip(LETTERS, values, strict=True))
        ]
    return Bars(label, bars, name=name, grow=4)


def _loss(
    extras: Mapping[str, Any], decoded: Tensor | None, rmse: float
) -> tuple[list[float], list[float]]:
    """Both terms of every face's loss in nats, as far as they are known.

    Args:
        rmse: of test faces, in levels of 255: the deviation s of the decoder's noise.
    """
    if "mu" not in extras:
        return [], []
    divergences = kl_divergence(extras["mu"], extras["logvar"]).tolist()
    if decoded is None:
        return [], divergences
    squares = (decoded - extras["originals"]).square().flatten(1).sum(1)
    return (squares / (2 * (rmse * LEVEL) ** 2)).tolist(), divergences


def _told(extras: Mapping[str, Any], terms: tuple[Sequence[float], Sequence[float]]) -> str:
    if "originals" not in extras:
        return "Faces, an encoder, the plane of their numbers, a decoder, faces again: all empty."
    told = ["Two real faces, A and B, go into the encoder."]
    for letter, divergence in zip(LETTERS, terms[1], strict=False):
        told.append(f"Face {letter} becomes a cloud; what it says costs {divergence:.0f} nats.")
    if "z" in extras:
        told.append("A point is drawn from each cloud.")
    for letter, error in zip(LETTERS, terms[0], strict=False):
        told.append(f"The decoder rebuilds {letter}; its error costs {error:,.0f} nats.")
    return " ".join(told)


def _numbers(
    extras: Mapping[str, Any],
    axes: tuple[int, int],
    terms: tuple[Sequence[float], Sequence[float]],
) -> dict[str, str]:
    """Of face A, in the first of the plane's dimensions."""
    numbers = {
        name: f"{float(extras[name][0, axes[0]]):.2f}"
        for name in ("mu", "sigma", "z")
        if name in extras
    }
    if "z" in extras:
        mu, sigma, z = (float(extras[name][0, axes[0]]) for name in ("mu", "sigma", "z"))
        numbers["epsilon"] = f"{(z - mu) / sigma:.2f}"
    for name, values in zip(("error", "kl"), terms, strict=True):
        if values:
            numbers[name] = f"{values[0]:,.0f}"
    return numbers
