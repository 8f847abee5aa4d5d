"""Slide 7: what the latent space keeps of a picture."""

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
from app.demos.latent.channels import latent_picture
from app.demos.parameters import Parameters, face
from app.engine import Progress
from models.parts.autoencoder import Autoencoder
from models.parts.losses import rmse
from models.runtime.sampler import View

CLEARER = 8
"""How many times larger the difference is drawn, to be seen at all."""

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

    name, slide, order, family = "compress", 7, 4, "latent"
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
