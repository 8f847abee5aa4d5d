"""Slide 3: a transformer finishes a real face."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from app.context import Context
from app.deck.gallery import faces
from app.demos.autoregressive import writing
from app.demos.autoregressive.symbols import BEFORE, LOGITS, SOURCE, drawing_lines
from app.demos.demo import Demo, Frame, follow
from app.demos.kit import (
    Board,
    Column,
    Formula,
    Line,
    Listing,
    Machine,
    Picture,
    Row,
    Scene,
    Symbol,
    row,
    sub,
)
from app.demos.parameters import Parameters, face, slider_of
from app.engine import Progress
from models.parts.tokenizer import GRID, TOKENS
from models.procedures.autoregressive import SampleParameters
from models.runtime.sampler import View

ENDINGS = 4


class CompleteParameters(Parameters):
    """Which face to complete."""

    image: int = face(23)
    temperature: float = slider_of(
        SampleParameters, "temperature", "Temperature", default=0.9, high=1.5, step=0.1
    )


class Complete(Demo[CompleteParameters]):
    """Finish a real face."""

    name, slide, order, family = "complete", 3, 5, "autoregressive"
    models = ("autoregressive", "tokenizer")
    parameters = CompleteParameters
    foremost = "image"

    def frames(self, context: Context, p: CompleteParameters) -> AsyncGenerator[Frame, None]:
        """The upper half is given, the lower written four times."""
        images = faces([p.image] * ENDINGS)
        request = context.request(
            "autoregressive.complete", seed=p.seed, images=images, temperature=p.temperature,
            explain=True,
        )  # fmt: skip
        return follow(
            context, "autoregressive.complete", request, lambda view, f: _completed(p, view, f),
            lambda f: f"{f.step} of {f.total} tokens of the lower half written, four times.",
            outline=self.outline(context, p),
        )  # fmt: skip

    def outline(self, context: Context, p: CompleteParameters) -> Scene:
        """The real face beside empty boards."""
        return _completed(p)

    def formula(self, p: CompleteParameters) -> Formula:
        """As for writing, from the real face's first half on."""
        half = TOKENS // 2
        given = row(sub("s", "1"), "…", sub("s", str(half)))
        return Formula(
            Line(given, "=", "Tokenizer", "(", Symbol("x", "x", "the real face"), ")", at="begin"),
            Line(LOGITS, "=", "Transformer", "(", BEFORE, ")", at="write"),
            *drawing_lines(),
            source=f"Numbers of ending 1. {SOURCE}",
        )

    def listings(self, p: CompleteParameters) -> Sequence[Listing]:
        """Reading on, the distribution, the draw, attention."""
        return writing.listings()


def _completed(
    p: CompleteParameters, view: View | None = None, progress: Progress | None = None
) -> Scene:
    """Four boards from one beginning; how the first one's token came about."""
    step = progress.step if progress else 0
    extras: Mapping[str, Any] = view.extras if view else {}
    boards: list[Board] = [
        writing.board(view, "ending 1", cells=GRID, name="token looks", result=True)
    ]
    for i in range(1, ENDINGS):
        image = None if view is None else view.images[i]
        label = f"ending {i + 1}"
        boards.append(Board(image, label, label, GRID, boards[0].here, name="token", result=True))
    rows = [Row(boards[i : i + 2], stays=True, result=True) for i in (0, 2)]
    original = Picture(
        faces([p.image]), "The real face", "real: the upper half is given", name="x", grow=7
    )
    machine = Row(
        (
            Column(rows, grow=16, result=True),
            Machine("network", "Transformer", name="logits looks", lit=step > 0),
            Column((original, writing.candidates(extras, grow=12)), grow=9),
        )
    )
    at = "" if view is None else "write" if step else "begin"
    told = (
        writing.told(extras)
        if step
        else "A real face, and four boards that begin with its upper half."
    )
    return Scene(machine, told, at, writing.numbers(extras, p.temperature))
