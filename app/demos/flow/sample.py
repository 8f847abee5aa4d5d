"""Slide 3: a flow draws, block by block."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from app.context import Context
from app.demos.demo import Demo, Frame, follow
from app.demos.flow.blocks import chain
from app.demos.flow.symbols import ALPHA, MU, TARFLOW, UNDONE, X, Z
from app.demos.kit import Block, Formula, Line, Listing, Picture, Scene, Symbol, hat, row, sub, sup
from app.demos.parameters import Parameters, dataset, slider, slider_of
from app.engine import Progress
from models.families.flow import BLOCKS, NOISE, FlowBlock, TokenMap, denoise
from models.procedures.flow import SampleParameters as Sampling
from models.runtime.sampler import View


class SampleParameters(Parameters):
    """What to draw, how clear shapes are made, and how wide the Gaussian is that it comes from.

    The temperature is relative to what suits the data, as the model's card has it.
    """

    dataset: str = dataset()
    guidance_scale: float = slider_of(Sampling, "guidance_scale", "Guidance", high=5, step=0.5)
    temperature: float = slider(1, 0.3, 1.5, 0.05, "Temperature")


class FlowSample(Demo[SampleParameters]):
    """Noise becomes a face, or clothes, through invertible blocks."""

    name, slide, order, family = "flow", 3, 1, "flow"
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

    root = chain([station(image, i) for image in range(rows) for i in range(last + 1)])
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
