"""The report ``docs/evidence.md``, written from the cards and the references alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from models.checkpoint import Card
from models.evaluation.evidence import sampling_models
from models.zoo import Zoo

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
REFERENCES = DOCS / "evidence.json"
REPORT = DOCS / "evidence.md"
PLOT = DOCS / "evidence.svg"
NONE = "–"

REFERENCE_NAMES = {
    "floor": "training faces (the floor)",
    "blur": "test faces, blurred 3×3",
    "noise": "test faces, 10% noise",
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
                f"{b['mean_head_accuracy']:.1%} ({b['all_heads']:.0%})" if b else NONE
                for b in blocks
            ]
            rows.append([card["name"], *cells])
    return table(
        ["", "test captions", "test, no guidance", "held-out pairs", "held-out, no guidance"], rows
    )


def likelihood(cards: Sequence[Card]) -> str:
    """Kind and value of each family's likelihood."""
    rows = []
    for card in cards:
        known = card["measured"]["likelihood"]
        unit = next((key for key in known if key.startswith("bits")), None)
        value = f"{known[unit]:.3f} {unit.replace('_', ' ')}" if unit else "has none"
        rows.append([card["name"], known["kind"] if unit else NONE, value])
    return table(["", "kind", "value"], rows)


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


def report(cards: Sequence[Card], known: dict[str, Any]) -> str:
    """The whole report as Markdown."""
    commands = "\n".join(f"- `{c['measured']['evaluation']['command']}`" for c in cards)
    hardware = sorted({c["measured"]["evaluation"]["hardware"] for c in cards})
    return "\n".join(
        [
            INTRODUCTION,
            f"## Quality and diversity, {known['count']:,} samples each\n",
            quality(cards, known),
            "![Fréchet distance against seconds for sixteen faces](evidence.svg)\n",
            "## Does the picture show the prompt?\n",
            "Share of captioned attributes that the judge reads off the picture, in brackets the",
            "share of captions of which every attribute is right. Held-out pairs of attributes",
            "never occur together in training.\n",
            control(cards),
            "## Likelihood\n",
            likelihood(cards),
            "A bound may be far from the likelihood. The diffusion network's training weighs the",
            "last, almost noise-free steps lightly, since no eye sees them; they are most of its",
            "bound.\n",
            "## Cost\n",
            cost(cards),
            f"Measured on {', '.join(hardware)}, by\n\n{commands}\n",
        ]
    )


def write_report(zoo: Zoo) -> None:
    """Write report and plot from what the cards hold; models not yet measured are left out."""
    cards = [zoo.card(name) for name in sampling_models()]
    cards = [card for card in cards if "evaluation" in card["measured"]]
    known = load_references()
    REPORT.write_text(report(cards, known), encoding="utf-8")
    _plot(cards, known["floor"]["frechet"])


def _plot(cards: Sequence[Card], floor: float) -> None:
    import matplotlib.pyplot as plt  # only the report needs it, serving does not

    plt.rcParams["svg.hashsalt"] = "evidence"
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for card in cards:
        measured = card["measured"]
        place = measured["speed"]["seconds_16"], measured["samples"]["frechet"]
        axes.scatter(*place, s=60)
        axes.annotate(card["name"], place, xytext=(6, 6), textcoords="offset points")
    axes.axhline(floor, linestyle="--", color="gray")
    axes.annotate("real faces", (axes.get_xlim()[0], floor), xytext=(4, 4),
                  textcoords="offset points")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="seconds for sixteen faces",
             ylabel="Fréchet distance (judge features)")  # fmt: skip
    figure.savefig(PLOT, metadata={"Date": None})
    plt.close(figure)
