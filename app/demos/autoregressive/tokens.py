"""Slide 3: a transformer writes a picture, token by token."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from app.context import Context
from app.demos.autoregressive import writing
from app.demos.autoregressive.symbols import BEFORE, LOGITS, SOURCE, TEMPERATURE, drawing_lines
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import (
    Board,
    Column,
    Formula,
    Line,
    Listing,
    Machine,
    Part,
    Picture,
    Row,
    Scene,
    Symbol,
    Words,
    row,
    sub,
)
from app.demos.parameters import Parameters, dataset, prompt, slider_of
from app.demos.prompts.reading import Reading
from app.demos.prompts.suggestions import FACE
from app.engine import Progress
from models.families.autoregressive import guide
from models.families.patch_autoregressive import GRID as PATCH_GRID
from models.families.patch_autoregressive import PATCHES, SIDE, PatchGPT, write_patch
from models.parts.tokenizer import GRID, TOKENS
from models.procedures.autoregressive import SampleParameters
from models.runtime.sampler import View

CAPTION = Symbol("caption", "c", "the prompt")


class TokensParameters(Parameters):
    """What to write. Clothes are written pixel by pixel, without a prompt."""

    dataset: str = dataset()
    prompt: str = prompt(FACE)
    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature", default=0.9, high=1.5, step=0.1
    )
    guidance_scale: float = slider_of(
        SampleParameters, "guidance_scale", "Guidance", high=8, step=0.5
    )


class Tokens(Demo[TokensParameters]):
    """One token after the other."""

    name, slide, order, family = "tokens", 3, 4, "autoregressive"
    models = ("autoregressive", "tokenizer", "fashion-autoregressive")
    parameters = TokensParameters

    def frames(self, context: Context, p: TokensParameters) -> AsyncGenerator[Frame, None]:
        """Sixty-four tokens or 49 patches, some of them as frames."""
        procedure = f"{self.drawn_by(context, p)}.sample"
        if p.dataset == "fashion":
            return self._pixels(context, procedure, p)
        words = self.read(context, p)
        request = context.request(
            procedure,
            seed=p.seed,
            prompt=p.prompt,
            temperature=p.temperature,
            guidance_scale=p.guidance_scale,
            explain=True,
        )
        return follow(
            context, procedure, request, lambda view, f: _written(p, words, view),
            lambda f: words.after(
                f"{f.step} of {f.total} image tokens written, one network call each."
            ),
            outline=_written(p, words),
        )  # fmt: skip

    def _pixels(
        self, context: Context, procedure: str, p: TokensParameters
    ) -> AsyncGenerator[Frame, None]:
        request = context.request(procedure, n=5, seed=p.seed, temperature=p.temperature)

        def note(progress: Progress) -> str:
            pixels = progress.view.images[0, 0].numel()
            drawn = pixels * progress.step // progress.total
            return f"{drawn} of {pixels} pixels drawn, each from its 256 possible levels."

        return follow(
            context, procedure, request, lambda view, f: _dotted(view, f.step, f.total), note,
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: TokensParameters) -> Scene:
        """An empty board, and nothing to choose from."""
        return _dotted() if p.dataset == "fashion" else _written(p, self.read(context, p))

    def formula(self, p: TokensParameters) -> Formula:
        """The next token's distribution, guidance, and where the reader looks."""
        if p.dataset == "fashion":
            return _pixel_formula()
        given = row(",", CAPTION) if p.prompt.strip() else row()
        lines = [Line(LOGITS, "=", "Transformer", "(", BEFORE, given, ")", at="write")]
        if p.prompt.strip() and p.guidance_scale != 1:
            plain = Symbol("plain", sub("ℓ", "∅"), "logits without the caption")
            scale = Symbol("scale", "w", "guidance")
            lines.append(
                Line(LOGITS, "←", plain, "+", scale, "(", LOGITS, "−", plain, ")", at="write")
            )
        return Formula(*lines, *drawing_lines(), source=SOURCE)

    def listings(self, p: TokensParameters) -> Sequence[Listing]:
        """Reading on, guidance, the distribution, the draw, attention."""
        if p.dataset == "fashion":
            return (
                Listing(write_patch, {"write": ("logits =", "patches[")}),
                Listing(PatchGPT.read_on, {"write": ("h = self.blocks", "out: Tensor")}),
            )
        guided = Listing(guide, {"write": ("with_caption", "return torch.lerp")})
        return (*writing.listings()[:1], guided, *writing.listings()[1:])


def _pixel_formula() -> Formula:
    """Of clothes: every pixel from its 256 levels."""
    pixel = Symbol("pixel", sub("x", "i"), "the pixel written last, 0 … 255")
    logits = Symbol("logits", "ℓ", "a number for each of 256 levels")
    return Formula(
        Line(logits, "=", "Network", "(", sub("x", "1"), "…", sub("x", row("i", "−", "1")), ")",
             at="write"),
        Line(sub("p", "i"), "=", "softmax", "(", logits, "/", TEMPERATURE, ")", at="write"),
        Line(pixel, "∼", sub("p", "i"), at="write"),
        source="Two networks share the work, one over patches, one over their pixels. Yu et al., "
        "MEGABYTE, 2023.",
    )  # fmt: skip


def _written(p: TokensParameters, words: Reading, view: View | None = None) -> Scene:
    """The board, the transformer that reads it, and what it may write next."""
    extras: Mapping[str, Any] = view.extras if view else {}
    place = extras.get("position", 0)
    label = f"{place} of {TOKENS} tokens"
    machine = Row(
        (
            writing.board(view, label, cells=GRID, name="token looks", grow=16, result=True),
            Machine("network", "Transformer", name="logits plain scale looks", lit=bool(place)),
            writing.candidates(extras, grow=11),
        )
    )
    root = Column((Words(words, name="scale"), machine))
    numbers = writing.numbers(extras, p.temperature, p.guidance_scale)
    return Scene(root, writing.told(extras), "write" if place else "", numbers)


def _dotted(view: View | None = None, step: int = 0, total: int = PATCHES) -> Scene:
    """A photo that is written, and four more at the same patch."""
    here = step - 1 if step else None
    image = None if view is None else view.images[0]
    label = f"{step} of {total} patches, pixel by pixel"
    more = None if view is None else view.images[1:]
    root: Part = Row(
        (
            Board(image, "The photo so far", label, PATCH_GRID, here, name="pixel", grow=16,
                  result=True),
            Machine("network", "Transformer", name="logits", lit=bool(step)),
            Picture(more, "Four more photos", "four more", count=4, side=SIDE, grow=13),
        )
    )  # fmt: skip
    told = f"{step} of {total} patches of 16 pixels are written, in five photos at once."
    return Scene(root, told, "write" if step else "")
