"""The report ``docs/evidence.md``, written from the cards and the references alone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from models.evaluation.evidence import sampling_models
from models.evaluation.fashion import PUBLISHED
from models.evaluation.plots import learned, plot_learning, plot_tradeoff
from models.runtime.checkpoint import Card
from models.runtime.zoo import Zoo

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
REFERENCES = DOCS / "evidence.json"
REPORT = DOCS / "evidence.md"
PLOT = DOCS / "evidence.svg"
LEARNING = DOCS / "learning.svg"
NONE = "–"

REFERENCE_NAMES = {
    "floor": "training faces (the floor)",
    "blur": "training faces, blurred 3×3",
    "noise": "training faces, 10% noise",
    "memory": "64 training faces, repeated",
}

INTRODUCTION = """# Evidence

Written by `python -m models.evaluation all` from the models' cards; do not edit. Every set is
compared with as many faces of the test split. The Fréchet distance (FD) is taken in the features
of the frozen attribute judge, so it sees what is drawn; the sliced Wasserstein distance (SWD,
×1000) of patches at 64, 32 and 16 pixels sees how sharply. Neither is on the scale of a published
FID: read them against the floor, which real faces score, and against the sets spoilt on purpose.
Lower is better for distances; precision, recall, density and coverage are better high. Sharpness is
the energy of the finest detail over that of real faces. "Nearest" is the median distance to the
nearest training face in 1/255: far below the floor's would mean memorized faces.
"""


def load_references(path: Path = REFERENCES) -> dict[str, Any]:
    """What :func:`write_references` wrote; empty before the first time."""
    if not path.exists():
        return {}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def write_references(measured: dict[str, Any], path: Path = REFERENCES) -> None:
    """Keep what floor and spoilt sets score."""
    path.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, numbers right-aligned."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _samples_row(name: str, samples: dict[str, Any], floor: float) -> list[str]:
    levels = " / ".join(f"{d:.0f}" for d in samples["sliced_wasserstein"])
    return [
        name,
        f"{samples['frechet']:.1f}",
        f"{samples['frechet'] / floor:.1f}",
        levels,
        *(f"{samples[key]:.2f}" for key in ("precision", "recall", "density", "coverage")),
        f"{samples['sharpness']:.2f}",
        f"{samples['nearest_train']:.1f}",
    ]


def quality(cards: Sequence[Card], known: dict[str, Any]) -> str:
    """Distances and diversity of models and references."""
    floor = known["floor"]["frechet"]
    head = ["", "FD", "× floor", "SWD 64 / 32 / 16", "precision", "recall", "density", "coverage"]
    rows = [_samples_row(REFERENCE_NAMES[key], known[key], floor) for key in REFERENCE_NAMES]
    rows += [_samples_row(c["name"], c["measured"]["samples"], floor) for c in cards]
    return table([*head, "sharpness", "nearest"], rows)


def control(cards: Sequence[Card]) -> str:
    """Mean head accuracy and share of captions with every head right."""
    keys = ("prompts", "prompts_unguided", "prompts_held_out", "prompts_held_out_unguided")
    rows = []
    for card in cards:
        blocks = [card["measured"].get(key) for key in keys]
        if blocks[0]:
            cells = [
                f"{b['mean_head_accuracy']:.1%} ({b['all_heads']:.0%}; {b['clip_top1']:.0%})"
                if b
                else NONE
                for b in blocks
            ]
            rows.append([card["name"], *cells])
    return table(
        ["", "test captions", "test, no guidance", "held-out pairs", "held-out, no guidance"], rows
    )


def _compared(cards: Sequence[Card], *path: str) -> str:
    """A smaller comparison that some cards hold at ``path`` of what was measured; or nothing."""
    rows = []
    for card in cards:
        known = card["measured"]
        for key in path:
            known = known.get(key, {})
        if known:
            distance, floor = known["frechet"], known["frechet_floor"]
            share = [f"{known['coverage']:.2f}", f"{known['coverage_floor']:.2f}"]
            rows.append([card["name"], f"{known['count']:,}", f"{distance:.1f}", f"{floor:.1f}"])
            rows[-1] += share
    head = ["", "samples", "FD", "FD of training faces", "coverage", "of training faces"]
    return table(head, rows) if rows else ""


def unprompted(cards: Sequence[Card]) -> list[str]:
    """What models that read prompts draw without one."""
    compared = _compared(cards, "samples_unprompted")
    told = [
        "Models that read prompts were asked for the captions of the training faces that make the",
        "floor, without guidance: a perfect model would score the floor. Without a prompt they",
        "draw less well, since only an eighth of their training had none; here beside what as many",
        "training faces score:\n",
        compared,
    ]
    return told if compared else []


def unguided(cards: Sequence[Card]) -> list[str]:
    """What models without prompts draw from their very density."""
    compared = _compared(cards, "samples_unguided")
    told = [
        "The flow's samples are guided away from what a reader with blurred attention expects.",
        "Drawn from the very density whose likelihood is told below, they score:\n",
        compared,
    ]
    return told if compared else []


def twins(cards: Sequence[Card]) -> list[str]:
    """How often a grid holds the same face twice, of models that were asked."""
    rows, real = [], 0.0
    for card in cards:
        if known := card["measured"].get("twins"):
            real = known["grids_real"]
            rows.append([card["name"], f"{known['count']:,}", f"{known['grids']:.0%}"])
    if not rows:
        return []
    return [
        "Share of grids of 64 in which two faces have all ten attributes in common, as the judge",
        f"reads them, of models that read no prompt; among test faces it is {real:.0%}:\n",
        table(["", "samples", "grids with twins"], rows),
    ]


def likeness(cards: Sequence[Card]) -> list[str]:
    """How near samples for test captions come to the faces told of, where enough were drawn."""
    compared = _compared(cards, "prompts", "likeness")
    told = [
        "Samples for captions of the test split, with guidance, compared with the very faces that",
        "the captions tell of. Since both show the same attributes, they may come nearer than",
        "training faces, which show others:\n",
        compared,
    ]
    return told if compared else []


def likelihood(cards: Sequence[Card]) -> str:
    """Kind and value of each family's likelihood."""
    rows = []
    for card in cards:
        known = card["measured"]["likelihood"]
        unit = next((key for key in known if key.startswith("bits")), None)
        value = f"{known[unit]:.3f} {unit.replace('_', ' ')}" if unit else "has none"
        rows.append([card["name"], known["kind"] if unit else NONE, value])
    return table(["", "kind", "value"], rows)


def fashion(cards: Sequence[Card]) -> str:
    """Likelihood beside published figures, then the samples of each model."""
    rows = [(bits, name, "published") for name, bits in PUBLISHED.items()]
    for card in cards:
        known = card["measured"]["likelihood"]
        if "bits_per_dim" in known:
            rows.append((known["bits_per_dim"], card["name"], "measured here"))
    ranked = [[name, f"{bits:.2f}", source] for bits, name, source in sorted(rows)]
    drawn = []
    for card in cards:
        samples, obeyed = card["measured"]["samples"], card["measured"].get("classes")
        drawn.append(
            [
                card["name"],
                f"{samples['frechet']:.1f}",
                f"{samples['frechet'] / samples['frechet_floor']:.1f}",
                f"{samples['coverage']:.2f}",
                *(
                    (
                        f"{obeyed['frechet']:.1f}",
                        f"{obeyed['coverage']:.2f}",
                        f"{obeyed['accuracy']:.1%}",
                    )
                    if obeyed
                    else (NONE, NONE, NONE)
                ),
                f"{card['measured']['speed']['seconds_16']:.3f}",
            ]
        )
    asked = ["FD, classes asked", "coverage", "class drawn as asked"]
    head = ["", "FD", "× floor", "coverage", *asked, "seconds for 16"]
    return table(["", "bits per dim", ""], ranked) + "\n" + table(head, drawn)


def steps(cards: Sequence[Card]) -> str:
    """Fréchet distance by solver and number of steps."""
    rows, head = [], [""]
    for card in cards:
        known = card["measured"].get("steps")
        for solver, distances in known["frechet"].items() if known else ():
            head = ["", "samples", *(f"{number}" for number in distances)]
            measured = (f"{d:.0f}" for d in distances.values())
            rows.append([f"{card['name']}, {solver}", f"{known['count']:,}", *measured])
    return table(head, rows)


def studies(cards: Sequence[Card]) -> list[str]:
    """The sections on steps and on stability, each if any model took part."""
    out = []
    if any("steps" in card["measured"] for card in cards):
        out += [
            "## Steps\n",
            "Fréchet distance when the same noises are taken to faces in fewer or more steps",
            "(heads of the columns), without a prompt; fewer samples score higher. DDIM and Euler",
            "are the same first-order step on the two models' paths; DPM-Solver++ is of second",
            "order.\n",
            steps(cards),
        ]
    if any("stability" in card["measured"] for card in cards):
        out += [
            "## Stability\n",
            "Small versions on 32×32 faces, five seeds at each of three learning rates, as many",
            "images for each. A run whose Fréchet distance is over twice the family's best has",
            "failed; the spread is the deviation of the others' distances over their mean.\n",
            stability(cards),
        ]
    return out


def curves(cards: Sequence[Card]) -> list[Card]:
    """Those whose card keeps a learning curve of more than a point."""
    return [card for card in cards if len(learned(card)) > 1]


def savings(cards: Sequence[Card]) -> str:
    """What a step costs in pixels and in latents."""
    rows = []
    for card in cards:
        if known := card["measured"].get("step_cost"):
            for key, name in (
                ("pixels", "in 128×128 pixels"), ("latent", "in their 16×16×4 latent"),
            ):  # fmt: skip
                block = known[key]
                rows.append([name, f"{block['gflops']:.2f}", f"{block['milliseconds']:.1f}"])
            ratio = known["ratio"]
            rows.append(["ratio", f"{ratio['gflops']:.1f}", f"{ratio['milliseconds']:.1f}"])
    return table(["a step for one image", "GFLOP", "milliseconds"], rows)


def learning(cards: Sequence[Card]) -> list[str]:
    """The section on learning curves, if any was kept."""
    if not curves(cards):
        return []
    return [
        "## Learning curves\n",
        "Mean losses over each twentieth of a training, of models trained since curves are kept.",
        "A curve that still falls at its end says that longer training would help; it also falls",
        "because the learning rate does, over the last two fifths.\n",
        "![Losses over the images trained on](learning.svg)\n",
    ]


def stability(cards: Sequence[Card]) -> str:
    """Share of failed trainings and the spread of the others."""
    rows = []
    for card in cards:
        if known := card["measured"].get("stability"):
            best = [
                f"{min((d for d in runs if d is not None), default=math.inf):.0f}"
                for runs in known["frechet"].values()
            ]
            rows.append([card["name"], f"{known['failed']:.0%}", f"{known['spread']:.0%}", *best])
    head = ["", "failed", "spread of the rest", "best at rate × ⅓", "× 1", "× 3"]
    return table(head, rows)


def cost(cards: Sequence[Card]) -> str:
    """Parameters, steps, work and time."""
    rows = []
    for card in cards:
        speed = card["measured"]["speed"]
        rows.append(
            [
                card["name"],
                f"{card['parameters'] / 1e6:.2f} M",
                str(speed["steps"]),
                f"{speed['gflops_image']:.2f}",
                f"{speed['seconds_16']:.3f}",
            ]
        )
    return table(["", "parameters", "steps", "GFLOP an image", "seconds for 16"], rows)


def report(cards: Sequence[Card], known: dict[str, Any], photos: Sequence[Card] = ()) -> str:
    """The whole report as Markdown.

    Args:
        cards: of the models of faces.
        known: what references score.
        photos: cards of the models of Fashion-MNIST.
    """
    both = [*cards, *photos]
    commands = "\n".join(f"- `{c['measured']['evaluation']['command']}`" for c in both)
    hardware = sorted({c["measured"]["evaluation"]["hardware"] for c in both})
    return "\n".join(
        [
            INTRODUCTION,
            f"## Quality and diversity, {known['count']:,} samples each\n",
            quality(cards, known),
            *unprompted(cards),
            *unguided(cards),
            *twins(cards),
            "![Fréchet distance against seconds for sixteen faces](evidence.svg)\n",
            "## Does the picture show the prompt?\n",
            "Share of captioned attributes that the judge reads off the picture; in brackets the",
            "share of captions of which every attribute is right, and the share of pictures whose",
            "own caption CLIP ranks first among 128. Held-out pairs of attributes never occur",
            "together in training.\n",
            control(cards),
            *likeness(cards),
            "## Likelihood\n",
            likelihood(cards),
            "A bound may be far from the likelihood. Diffusion's training weighs the almost",
            "noise-free steps lightly, since no eye sees them; the bound lets a Gaussian decoder",
            "do in their stead, from the step on that is best for training faces.\n",
            "## Cost\n",
            cost(cards),
            *studies(cards),
            "## What latents save\n",
            "The same network, fed 128×128 pixels as 4×4 patches or their latent, eight images at",
            "a time. The chapter says 10 to 100 times cheaper, of 1024×1024 pixels.\n",
            savings(cards),
            "## Fashion-MNIST\n",
            "Photographs, 28×28 gray pixels, beside published figures: bits per dimension of the",
            "10,000 test photos, lower is better. The Fréchet distance is in the features of our",
            "own classifier of clothes, not on the scale of a published FID.\n",
            fashion(photos),
            *learning(both),
            f"Measured on {', '.join(hardware)}, by\n\n{commands}\n",
        ]
    )


def measured_cards(zoo: Zoo, dataset: str = "faces") -> list[Card]:
    """Cards of the models that were evaluated."""
    shipped = {path.stem for path in zoo.folder.glob("*.json")}
    cards = [zoo.card(name) for name in sampling_models(dataset) if name in shipped]
    return [card for card in cards if "evaluation" in card["measured"]]


def write_report(zoo: Zoo) -> None:
    """Write report and plot from what the cards hold; models not yet measured are left out."""
    cards, photos = measured_cards(zoo), measured_cards(zoo, "fashion")
    known = load_references()
    REPORT.write_text(report(cards, known, photos), encoding="utf-8")
    plot_tradeoff(cards, known["floor"]["frechet"], PLOT)
    if traced := curves([*cards, *photos]):
        plot_learning(traced, LEARNING)
