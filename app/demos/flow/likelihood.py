"""Slide 3: a flow tells how likely a picture is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import torch
from torch import Tensor

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, Result, follow
from app.demos.flow.blocks import VALUES, determinants, filled, nats
from app.demos.flow.symbols import APPLIED, DENSITY, TARFLOW
from app.demos.kit import (
    Bar,
    Bars,
    Column,
    Formula,
    Line,
    Listing,
    Picture,
    Row,
    Scene,
    Symbol,
    fraction,
    row,
    sub,
)
from app.demos.parameters import Parameters
from models.families.flow import BLOCKS, TokenMap, bits_per_dim, log_prob

LEAD = 0.1
"""Bits a value by which the likeliest is plainly likelier than the next."""
LONGEST = 16
"""Bits per value that fill a bar."""
RAW = 8
"""Bits per value of uncompressed pixels."""
NAMES = ("real face", "drawn face", "random pixels")


class Likelihood(Demo[Parameters]):
    """How likely is it? Only flows answer exactly."""

    name, slide, order, family = "likelihood", 3, 3, "flow"
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
        shares = determinants(extras, i)
        blocks = [filled(k, shares, step == k, "{}") for k in range(1, BLOCKS + 1)]
        picture = Picture(image, name, name, name="x z", grow=16, result=True)
        columns.append(Column((picture, Row(blocks, stays=True, grow=5)), result=True))
    bars = [
        Bar(name, bits[i] / LONGEST, f"{bits[i]:.2f}", taken=_stands_out(bits, i))
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
    numbers = nats(extras, determinants(extras)) | ({"bits": f"{bits[0]:.2f}"} if bits else {})
    root = Column((Row(columns, grow=18), lengths))
    return Scene(root, told, "apply" if step > 0 else "", numbers)


def _stands_out(bits: Sequence[float], i: int) -> bool:
    """Whether the i-th has plainly fewer bits than all others."""
    return all(bits[i] + LEAD < other for j, other in enumerate(bits) if j != i)
