"""Does a face appear twice in a grid of 64? The ten attributes that the judge reads decide.

python -m models.evaluation.twins NAME…

Real faces may share all ten by chance, too: as many grids of test faces stand beside.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from models.evaluation.evidence import draw_samples, sampling_models
from models.evaluation.report import write_report
from models.evaluation.samples import FULL
from models.evaluation.worlds import WORLDS
from models.runtime.checkpoint import write_card
from models.runtime.hardware import hardware
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from torch import Tensor

GRID = 64
CHUNK = 100


def grids_with_twins(labels: Tensor) -> float:
    """Share of grids that hold two equal rows.

    Args:
        labels: attributes of faces, int64 [n, attributes]; grids are taken from the first on, and
            what is left at the end belongs to none.

    Raises:
        ValueError: not enough for a single grid.
    """
    grids = [grid for grid in labels.split(GRID) if len(grid) == GRID]
    if not grids:
        raise ValueError(f"a grid takes {GRID} faces; there are {len(labels)}")
    return sum(len(grid.unique(dim=0)) < GRID for grid in grids) / len(grids)


def measure_twins(zoo: Zoo, name: str, count: int) -> dict[str, Any]:
    """Shares for ``count`` samples, and for as many test faces."""
    faces = WORLDS["faces"]
    drawn = faces.read(draw_samples(zoo, name, count))
    real = faces.read(faces.real("test", count).images)
    return {
        "count": count,
        "grids": round(grids_with_twins(drawn), 3),
        "grids_real": round(grids_with_twins(real), 3),
        "hardware": hardware("cpu"),
        "command": f"python -m models.evaluation.twins {name} --count {count}",
    }


def main() -> None:
    """Command line: measure some models, rewrite their cards and the report."""
    known = sampling_models()
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.twins")
    parser.add_argument("names", nargs="+", choices=known, metavar="NAME", help=", ".join(known))
    parser.add_argument("--count", type=int, default=FULL, help=f"samples (default {FULL})")
    args = parser.parse_args()
    if not 200 <= args.count <= FULL or args.count % CHUNK:
        parser.error(f"--count must be a multiple of {CHUNK} between 200 and {FULL}")
    zoo = Zoo()
    for name in args.names:
        zoo.prepare(name)
        card = zoo.card(name)
        card["measured"]["twins"] = measure_twins(zoo, name, args.count)
        write_card(card, zoo.folder)
        print(name, card["measured"]["twins"], file=sys.stderr)
    write_report(zoo)


if __name__ == "__main__":
    main()
