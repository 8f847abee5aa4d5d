"""How many steps does a sampler need? Fréchet distance of the same noises, taken in 1 to 50 steps.

python -m models.evaluation.steps NAME…
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from models.evaluation.distances import frechet_distance
from models.evaluation.evidence import draw_asked, draw_samples, reads, sampling_models
from models.evaluation.report import write_report
from models.evaluation.samples import SAMPLES
from models.evaluation.worlds import WORLDS, worlds_of
from models.runtime.checkpoint import write_card
from models.runtime.hardware import hardware
from models.runtime.zoo import Zoo

STEPS = (1, 2, 4, 8, 20, 50)
FIRST_ORDER = ("euler", "ddim")
BEST = "dpm-solver++"


def measure_steps(zoo: Zoo, name: str, solver: str, count: int) -> dict[str, float]:
    """Distance of ``count`` samples, by number of steps.

    They are drawn without a prompt, but where that may be of another world: then for captions.
    """
    measure = WORLDS["faces"]
    draw = draw_samples if len(worlds_of(zoo.card(name))) == 1 else draw_asked
    real = measure.real("test", count).features
    distances = {}
    for steps in STEPS:
        images = draw(zoo, name, count, num_steps=steps, solver=solver)
        distances[str(steps)] = round(frechet_distance(real, measure.features(images)), 1)
    return distances


def stepping_models() -> list[str]:
    """Names of the shipped models that draw faces by a solver."""
    zoo = Zoo()
    return [name for name in sampling_models() if reads(zoo, name, "solver")]


def solvers(zoo: Zoo, name: str) -> list[str]:
    """Those that are compared: Euler's method or its counterpart, and the best one known."""
    known = zoo.procedure(f"{name}.sample").parameters.bounds()["solver"].choices
    return [solver for solver in (*FIRST_ORDER, BEST) if solver in known]


def main() -> None:
    """Command line: measure some models, rewrite their cards and the report."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.steps")
    names = stepping_models()
    parser.add_argument("names", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--count", type=int, default=SAMPLES, help="samples (default 1000)")
    args = parser.parse_args()
    zoo = Zoo()
    for name in args.names:
        zoo.prepare(name)
        known: dict[str, Any] = {
            solver: measure_steps(zoo, name, solver, args.count) for solver in solvers(zoo, name)
        }
        card = zoo.card(name)
        card["measured"]["steps"] = {
            "count": args.count,
            "frechet": known,
            "hardware": hardware("cpu"),
            "command": f"python -m models.evaluation.steps {name} --count {args.count}",
        }
        write_card(card, zoo.folder)
        print(name, known, file=sys.stderr)
    write_report(zoo)


if __name__ == "__main__":
    main()
