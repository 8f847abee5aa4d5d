"""Slide 3: a flow leads a face to noise, and back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from app.context import Context
from app.deck.gallery import faces
from app.demos.demo import Demo, Frame, follow
from app.demos.flow.blocks import VALUES, chain, determinants, filled, nats
from app.demos.flow.symbols import APPLIED, TARFLOW, UNDONE
from app.demos.kit import Block, Formula, Line, Listing, Picture, Scene, Symbol, row
from app.demos.parameters import Parameters, face
from app.engine import Progress
from models.families.flow import BLOCKS, FlowBlock, TokenMap, log_prob


class RoundTripParameters(Parameters):
    """Which face to send there and back."""

    image: int = face(17)


class RoundTrip(Demo[RoundTripParameters]):
    """Image → noise → the same image."""

    name, slide, order, family = "roundtrip", 3, 2, "flow"
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
    path, shares = extras.get("path", ()), determinants(extras)
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
        stations.append((filled(k, shares, lit), shown))
    label = f"x again, {extras['error']:.0e} off" if "error" in extras else "x again"
    undone = Block("4, 3, 2, 1 undone", name="alpha mu", lit=back)
    stations.append((undone, picture(2 * BLOCKS, label, "x error", result=True)))
    at = "" if step < 1 else "undo" if back else "apply"
    return Scene(chain(stations), _told(extras, step), at, nats(extras, shares))


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
