"""Tables of the report: rows of Markdown, read from the models' cards."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from models.evaluation.fashion import PUBLISHED
from models.evaluation.worlds import measured_of, worlds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.runtime.checkpoint import Card

NONE = "–"
REFERENCES = {
    "floor": "training {world} (the floor)",
    "blur": "training {world}, blurred 3×3",
    "noise": "training {world}, 10% noise",
    "memory": "64 training {world}, repeated",
}
"""Set that is known → its name in the table, with that of the world to be put in."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, numbers right-aligned."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def drawing(cards: Sequence[Card], world: str) -> list[Card]:
    """Cards of the models that draw a world, each holding what was measured of that world."""
    return [
        {**card, "measured": measured_of(card, world)} for card in cards if world in worlds_of(card)
    ]


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


def quality(cards: Sequence[Card], known: dict[str, Any], world: str = "faces") -> str:
    """Distances and diversity of models and references.

    Args:
        known: what references of the world score.
    """
    floor = known["floor"]["frechet"]
    head = ["", "FD", "× floor", "SWD 64 / 32 / 16", "precision", "recall", "density", "coverage"]
    rows = [
        _samples_row(label.format(world=world), known[key], floor)
        for key, label in REFERENCES.items()
    ]
    for card in cards:
        samples = card["measured"]["samples"]
        fewer = samples["count"] < known["floor"]["count"]
        name = f"{card['name']} ({samples['count']:,} samples)" if fewer else card["name"]
        rows.append(_samples_row(name, samples, floor))
    return table([*head, "sharpness", "nearest"], rows)


def photographs(cards: Sequence[Card], known: dict[str, Any], world: str = "faces") -> str:
    """What a network of photographs says of references and models, those that it saw; or nothing.

    Args:
        known: what references of the world score.
    """
    sets = {label.format(world=world): known[key] for key, label in REFERENCES.items()}
    sets |= {card["name"]: card["measured"] for card in cards}
    seen = {name: block["photographs"] for name, block in sets.items() if "photographs" in block}
    if "photographs" not in known["floor"]:
        return ""
    floor = known["floor"]["photographs"]["frechet"]
    rows = [
        [name, f"{s['frechet']:.1f}", f"{s['frechet'] / floor:.1f}", f"{s['kernel']:.1f}"]
        for name, s in seen.items()
    ]
    return table(["", "FD", "× floor", "KD × 1000"], rows)


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


def spoken(cards: Sequence[Card]) -> str:
    """Share of what spoken prompts ask for that was drawn, a row for each model's world; or
    nothing.
    """
    rows = [
        [card["name"], world, f"{said['prompts']} × {said['pictures'] // said['prompts']}",
         f"{said['attributes']:.1%}", f"{said['all_right']:.0%}"]
        for card in cards
        for world in worlds_of(card)
        if (said := measured_of(card, world).get("spoken"))
    ]  # fmt: skip
    head = ["", "world", "prompts × pictures", "attributes", "all right"]
    return table(head, rows) if rows else ""


def compared(cards: Sequence[Card], *path: str) -> str:
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


def twins(cards: Sequence[Card]) -> str:
    """Share of grids that hold a face twice, of models that were asked; or nothing."""
    rows = [
        [card["name"], f"{known['count']:,}", f"{known['grids']:.0%}"]
        for card in cards
        if (known := card["measured"].get("twins"))
    ]
    return table(["", "samples", "grids with twins"], rows) if rows else ""


def twins_of_real(cards: Sequence[Card]) -> str:
    """That share among test faces, as the last model's card says it."""
    known = [card["measured"]["twins"] for card in cards if "twins" in card["measured"]]
    return f"{known[-1]['grids_real']:.0%}" if known else NONE


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


def origins(cards: Sequence[Card]) -> str:
    """Models that went on from another's weights, with the images of both; or nothing."""
    rows = [
        [
            card["name"],
            origin["name"],
            f"{origin['parameters'] / card['parameters']:.0%}",
            f"{origin['images']:,}",
            f"{card['images']:,}",
        ]
        for card in cards
        if (origin := card.get("origin"))
    ]
    head = ["", "went on from", "of its weights", "images until then", "images since then"]
    return table(head, rows) if rows else ""


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
