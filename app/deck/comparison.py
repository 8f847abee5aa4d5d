"""Slide 5's table: the chapter's words beside what was measured here, and where they disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from app.context import Context
from models.runtime.checkpoint import CheckpointError

FAMILIES = {
    "vae": "VAE",
    "gan": "GAN",
    "flow": "Flow",
    "autoregressive": "Autoregressive",
    "diffusion": "Diffusion",
    "latent-diffusion": "Latent diffusion",
}
"""Sampling model of each family → how it is called on slides."""

CHAPTER = {
    "vae": ("low", "high", "high", "low", "fast"),
    "gan": ("high", "low", "low", "low", "fast"),
    "flow": ("medium", "high", "high", "medium", "slow"),
    "autoregressive": ("high", "high", "high", "high", "slow"),
    "diffusion": ("high", "high", "high", "high", "medium"),
}
"""Model → the chapter's words, in the order of :data:`COLUMNS`."""

SAMPLES = {
    "vae": "/slides/1?demo=prior",
    "gan": "/slides/2?demo=fresh&truncation=1",
    "flow": "/slides/3?demo=flow",
    "autoregressive": "/slides/3?demo=tokens",
    "diffusion": "/slides/4?demo=denoise",
}
"""Model → the Play that draws with it."""

BLIND = "no prompt"
"""What is said of the control that a model without prompts gives."""

MARGIN = 1.1
"""Values closer than this ratio are not held against the chapter."""


@dataclass(frozen=True)
class Column:
    """One property of the table.

    Attributes:
        name: the chapter's.
        metric: what stands for it here, in words.
        words: the chapter's, from worst to best.
        low: whether a low value is the better one.
        block, key: where a card's ``measured`` holds the value.
        text: how a value is written.
    """

    name: str
    metric: str
    words: tuple[str, ...]
    low: bool
    block: str
    key: str
    text: str


GRADES = ("low", "medium", "high")
COLUMNS = (
    Column(
        "quality",
        "Fréchet distance to test faces, in the features of our judge; lower is better; "
        "models that read prompts were asked for captions of real faces",
        GRADES,
        True,
        "samples",
        "frechet",
        "FD {:.0f}",
    ),
    Column(
        "stable",
        "share of fifteen small trainings that failed: five seeds, three learning rates",
        GRADES,
        True,
        "stability",
        "failed",
        "{:.0%} failed",
    ),
    Column(
        "diverse",
        "share of test faces that a drawn face comes close to (coverage)",
        GRADES,
        False,
        "samples",
        "coverage",
        "{:.0%} covered",
    ),
    Column(
        "control",
        "share of prompted attributes that our judge finds in the picture",
        GRADES,
        False,
        "prompts",
        "mean_head_accuracy",
        "{:.0%} obeyed",
    ),
    Column(
        "speed",
        "time for sixteen faces, measured beforehand: best of three, by the model alone, without "
        "server, pictures or other work; the live times above the table include all that",
        ("slow", "medium", "fast"),
        True,
        "speed",
        "seconds_16",
        "{:.2f} s",
    ),
)


@dataclass(frozen=True)
class Cell:
    """A word of the chapter, and the value measured here.

    Attributes:
        value: ``None`` where it is not measured.
        absent: what is said in its place.
        command, hardware: how and where it was.
    """

    column: Column
    word: str
    value: float | None
    command: str
    hardware: str
    absent: str = "not measured"

    @property
    def text(self) -> str:
        """The value as it is shown, or in words why there is none."""
        if self.value is not None:
            return self.column.text.format(self.value)
        return self.absent

    @property
    def rank(self) -> int:
        """How high the chapter's word stands."""
        return self.column.words.index(self.word)


@dataclass(frozen=True)
class Row:
    """One family.

    Attributes:
        model: its name, which is also its accent.
        family: its name on slides.
        cells: in the order of :data:`COLUMNS`.
        samples: address of the Play that draws with it.
    """

    model: str
    family: str
    cells: tuple[Cell, ...]
    samples: str


def comparison(context: Context) -> list[Row]:
    """The table, read from the models' cards."""
    return [_row(model, context) for model in CHAPTER]


def _row(model: str, context: Context) -> Row:
    card = context.card(model)
    cells = [_cell(c, word, card) for c, word in zip(COLUMNS, CHAPTER[model], strict=True)]
    if not _reads_prompts(model, context):
        cells = [replace(c, absent=BLIND) if c.column.name == "control" else c for c in cells]
    return Row(model, FAMILIES[model], tuple(cells), SAMPLES[model])


def _reads_prompts(model: str, context: Context) -> bool:
    try:
        return "prompt" in context.zoo.procedure(f"{model}.sample").parameters.bounds()
    except CheckpointError:
        return False


def _cell(column: Column, word: str, card: dict[str, Any]) -> Cell:
    measured = card.get("measured", {})
    block = measured.get(column.block, {})
    # What a block does not say of itself is said by the evaluation, or else by the training.
    source = {**card, **measured.get("evaluation", {}), **block}
    command, hardware = (str(source.get(key, "")) for key in ("command", "hardware"))
    return Cell(column, word, block.get(column.key), command, hardware)


def measured(rows: list[Row]) -> set[str]:
    """Names of the columns that hold a value, and so can be sorted by it."""
    return {c.column.name for row in rows for c in row.cells if c.value is not None}


def contradictions(rows: list[Row]) -> list[str]:
    """For each column the sharpest case where the chapter's order is reversed here, in words.

    Or that there is no difference here, where the chapter sees one.
    """
    return list(_contradictions(rows))


def origin(context: Context, model: str) -> str:
    """Which other model's weights a model's training began with, as its card has it, or nothing."""
    card = context.card(model)
    known = card.get("origin")
    if not known:
        return ""
    return (
        f"Our {model} model did not begin with noise but with the weights that {known['name']} had "
        f"after {known['images']:,} images; it has seen {card['images']:,} more."
    )


def step_ratio(context: Context) -> dict[str, float]:
    """Cost of a step in 128×128 pixels over one in their latent: ``gflops`` and ``milliseconds``.

    Empty where it was not measured.
    """
    known = context.card("latent-diffusion").get("measured", {})
    ratio: dict[str, float] = known.get("step_cost", {}).get("ratio", {})
    return ratio


def savings(context: Context) -> str:
    """The chapter's claim on the cost of latent diffusion beside what was counted and timed."""
    ratio = step_ratio(context)
    if not ratio:
        return ""
    return (
        f"Cost: the chapter says latents save 10–100×; at 128×128 it is "
        f"{ratio['gflops']:.1f}× in operations, {ratio['milliseconds']:.1f}× in time."
    )


def _contradictions(rows: list[Row]) -> Iterator[str]:
    for i, column in enumerate(COLUMNS):
        known = [row.cells[i] for row in rows if row.cells[i].value is not None]
        if len({cell.value for cell in known}) == 1 < len({cell.word for cell in known}):
            yield (f"{column.name.capitalize()}: here all measured alike, {known[0].text}.")
        worst, pair = MARGIN, None
        for above, below in permutations(rows, 2):
            a, b = above.cells[i], below.cells[i]
            if a.rank <= b.rank or a.value is None or b.value is None:
                continue
            better, other = (a.value, b.value) if column.low else (b.value, a.value)
            if better > worst * other:
                worst, pair = better / max(other, 1e-9), (above, below)
        if pair is not None:
            above, below = pair
            yield (
                f"{column.name.capitalize()}: the chapter puts {above.family} above "
                f"{below.family}; here it is {above.cells[i].text} against {below.cells[i].text}."
            )
