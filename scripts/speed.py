"""Write docs/speed.md and its plot from what the last `make bench` and `make load` have left.

python -m scripts.speed [--build FOLDER] [--docs FOLDER]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.evaluation.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
INTRODUCTION = """# Speed

Written by `python -m scripts.speed` from the last `make bench` and `make load`; do not edit.
Figures are of the machine named below each table, which had nothing else to do.
"""

Known = dict[str, Any]


def read(folder: Path, name: str) -> Known:
    """What a script left as JSON, empty if it was not run."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def families(known: Known) -> list[str]:
    """Images a second of every model, and how much of the machine that is."""
    rows = []
    for name, m in known["models"].items():
        shares = [m["matmul_share"]["16"], m["matmul_share_bfloat16"]["16"]]
        rows.append(
            [
                name,
                *(f"{v:.1f}" for v in m["images_per_second"].values()),
                f"{1000 * m['first_picture']:.0f}",
                str(m["network_calls"]),
                f"{m['gflops_image']:.2f}",
                *(f"{share:.0%}" for share in shares),
                str(m["peak_mb"]),
            ]
        )
    one = next(iter(known["models"].values()))
    head = ["", "images/s at 1", "16", "64", "first picture, ms", "calls", "GFLOP an image"]
    return [
        "## Families\n",
        "Images a second when 1, 16 and 64 are drawn at once. Shares are of the rate at which this",
        f"machine multiplies matrices, {one['matmul_gflops']:.0f} GFLOP/s in float32 and",
        f"{one['matmul_gflops_bfloat16']:.0f} in bfloat16, at 16 images.\n",
        table([*head, "share of float32", "of bfloat16", "peak MB"], rows),
        "![Images a second](speed.svg)\n",
        f"{known['hardware']}; `python -m scripts.throughput`.\n",
    ]


def plays(known: Known) -> list[str]:
    """Every Play alone on the server."""
    rows = [
        [p["play"], str(p["slide"]), f"{p['first_frame']:.2f}", f"{p['last_frame']:.2f}"]
        for p in known["plays"]
    ]
    return [
        "## Plays\n",
        f"Start to the first answer {known['start']:.1f} s, to all models in memory "
        f"{known['loaded']:.1f} s, to full speed {known['prepared']:.1f} s. Each Play alone,",
        "seconds:\n",
        table(["", "slide", "first picture", "last"], rows),
        f"{known['hardware']}; `python -m scripts.bench`.\n",
    ]


def peers(known: Known) -> list[str]:
    """Other libraries doing the same."""
    rows = [
        [
            f"{p['task']}; {p['peer']}",
            f"{p['ours']:.2f}",
            f"{p['theirs']:.2f}",
            f"{p['ratio']:.2f}×",
            f"≥ {p['bar']:g}×" if p["bar"] else "",
        ]
        for p in known["pairs"]
    ]
    return [
        "## Beside other libraries\n",
        f"Images a second, {known['count']} at once, in as many steps; each as it is used by",
        "default: theirs in float32, ours as the deck runs it.\n",
        table(["", "ours", "theirs", "ratio", "asked"], rows),
        f"{known['hardware']}; `python -m scripts.peers`.\n",
    ]


def runtimes(known: Known) -> list[str]:
    """Other ways to run the networks."""
    rows = []
    for t in known["trials"]:
        told = [f"{1000 * t['seconds']:.1f}", f"{t['ratio']:.2f}×", f"{t['ready']:.1f}"]
        told.append(f"{t['error']:.1e}")
        rows.append([f"{t['task']}; {t['runtime']}", *(told if not t["refused"] else ["–"] * 4)])
    return [
        "## Ways to run a network\n",
        "Milliseconds a call, times faster than plain torch at the deck's precision, seconds until",
        "it is ready, and the largest error over the largest value. Denoisers are run as in the",
        "last row where this comparison, made in small at every start, says that it gains; the",
        "GAN, traced with a number of faces built in, cannot be.\n",
        table(["", "ms", "ratio", "ready, s", "error"], rows),
        f"{known['hardware']}; `python -m scripts.runtimes`.\n",
    ]


def crowds(known: Known) -> list[str]:
    """The bars of a full hall."""
    rows = []
    for bar in known["bars"]:
        limits = [f"{sign} {bar[key]:g}" for sign, key in (("≥", "least"), ("≤", "most"))
                  if bar[key] is not None]  # fmt: skip
        value = "–" if bar["value"] is None else f"{bar['value']:.2f}"
        met = ("met" if bar["met"] else "missed") if limits else ""
        rows.append([bar["text"], value, " ".join(limits), met])
    return [
        "## A full hall\n",
        table(["", "value", "asked", ""], rows),
        f"{known['hardware']}; `python -m scripts.load`.\n",
    ]


SECTIONS = {
    "throughput": families,
    "bench": plays,
    "peers": peers,
    "runtimes": runtimes,
    "load": crowds,
}
"""File in the build folder → the section it becomes."""


def report(known: Mapping[str, Known]) -> str:
    """The whole report as Markdown; what was not measured is left out."""
    lines = [INTRODUCTION]
    for name, section in SECTIONS.items():
        if known.get(name):
            lines += section(known[name])
    return "\n".join(lines)


def plot(models: Mapping[str, Known], path: Path) -> None:
    """Images a second by batch, a bar each."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "speed"
    names = list(models)[::-1]
    figure, axes = plt.subplots(figsize=(8, 0.5 * len(names) + 1.2), layout="constrained")
    for i, batch in enumerate(("64", "16", "1")):
        speeds = [models[name]["images_per_second"][batch] for name in names]
        places = [place + 0.27 * (i - 1) for place in range(len(names))]
        axes.barh(places, speeds, height=0.25, label=f"{batch} at once")
    axes.set(xscale="log", xlabel="images a second", yticks=range(len(names)), yticklabels=names)
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.speed", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--build", type=Path, default=ROOT / "build", help="where the measurements are")
    add("--docs", type=Path, default=ROOT / "docs", help="where the report goes")
    args = parser.parse_args(arguments)
    known = {name: read(args.build, name) for name in SECTIONS}
    if not any(known.values()):
        parser.error(f"nothing was measured: {args.build} holds none of {', '.join(SECTIONS)}")
    (args.docs / "speed.md").write_text(report(known), encoding="utf-8")
    if known["throughput"]:
        plot(known["throughput"]["models"], args.docs / "speed.svg")


if __name__ == "__main__":
    main()
