"""Several models trained side by side on one machine, each for its share of the time.

python -m models.training.fleet NAME… --minutes M [--device cuda]

The minutes are for everything. First all cores render the pictures that are not there yet. Then
models are trained in waves, each after those that it needs among the others; waves share what is
left of the time in proportion to the longest recipe of each. Models of a wave are processes that
run side by side and share the cores and, if there is one, the GPU. A wave trains for 92% of its
time; the rest is for its last sheets and for measuring. One that fails stops none beside it; what
needs it is left out. The same command goes on where it was interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from models.data.dataset import RUNS
from models.data.gallery import WORLDS
from models.data.rendering import Portion, render_split, rendered
from models.runtime.checkpoint import FOLDER, VARIABLE
from models.training.catalogue import recipes
from models.training.fleet.board import Board
from models.training.fleet.crew import Trainee, together
from models.training.fleet.waves import Wave, share, waves
from models.training.interruption import interruptible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.training.recipe import Recipe

    Kinds = Mapping[str, type[Recipe]]

TRAINED = 0.92
"""Share of a wave's time after which its trainings end."""
INTERRUPTED = 130
"""Exit code of what is ended by hand, as shells have it."""


@dataclass(frozen=True)
class Orders:
    """What all trainings of a fleet are told.

    Attributes:
        device: ``cpu`` or ``cuda``.
        continued: whether they start from shipped checkpoints.
        runs: folder of states, sheets and logs.
        checkpoints: folder that is read from and written into.
    """

    device: str = "cpu"
    continued: bool = False
    runs: Path = RUNS
    checkpoints: Path = FOLDER

    def command(self, name: str, minutes: float, until: float) -> list[str]:
        """What trains one model for so many minutes, but not longer than to a moment."""
        words = [sys.executable, "-m", "models.training", name, "--device", self.device]
        words += ["--minutes", f"{minutes:.4g}", "--until", f"{until:.1f}"]
        words += ["--runs", str(self.runs)]
        return [*words, "--continue"] if self.continued else words

    def environment(self, threads: int) -> dict[str, str]:
        """Variables of a training that has so many cores."""
        return {"OMP_NUM_THREADS": str(threads), VARIABLE: str(self.checkpoints)}

    def begin(self, wave: Wave, minutes: float, until: float) -> Iterable[Trainee]:
        """Begin the trainings of a wave, one after the other."""
        environment = self.environment(max(1, (os.cpu_count() or 1) // len(wave)))
        for name in wave:
            command = self.command(name, minutes, until)
            yield Trainee(name, command, environment, self.runs / name / "fleet.log")

    def lacking(self, chosen: Kinds) -> list[str]:
        """What models need that is neither trained nor shipped, in sentences."""
        wrong = []
        for name, kind in chosen.items():
            for other in kind.needed(self.continued):
                if other not in chosen and not self._shipped(other):
                    where = self.checkpoints
                    wrong.append(f"{name} needs {other}, which is neither named nor in {where}")
            if self.continued and not self._shipped(name):
                wrong.append(f"{name} cannot be continued: it is not in {self.checkpoints}")
        return wrong

    def _shipped(self, name: str) -> bool:
        files = (self.checkpoints / f"{name}{end}" for end in (".json", ".safetensors"))
        return all(file.exists() for file in files)


def portions(kinds: Iterable[type[Recipe]]) -> list[Portion]:
    """What has to be rendered for recipes: of each split and size, as much as any of them reads."""
    most: dict[tuple[str, str, int], Portion] = {}
    for kind in kinds:
        for portion in kind.portions:
            key = (portion.world, portion.split, portion.size)
            most[key] = max(most.get(key, portion), portion, key=lambda p: p.count)
    return list(most.values())


def render(wanted: Iterable[Portion], deadline: float) -> bool:
    """Render what is not there yet, on all cores; whether that took less than all the time."""
    for portion in wanted:
        world, folder = WORLDS[portion.world], RUNS / portion.world
        if rendered(folder, portion.split, portion.size) < portion.count:
            print(f"rendering {portion.world} of {portion.size} pixels, split {portion.split}",
                  file=sys.stderr)  # fmt: skip
            render_split(world, folder, *portion.part)
        if time.time() >= deadline:
            return False
    return True


def train(chosen: Kinds, orders: Orders, deadline: float, board: Board) -> set[str]:
    """Train all, wave after wave; the names of those that failed or were left out.

    Args:
        chosen: recipes by name, each after those it needs.
        orders: for all.
        deadline: moment at which everything is to be over, in seconds since 1970.
        board: is told.
    """
    needs = {name: kind.needed(orders.continued) for name, kind in chosen.items()}
    minutes = {name: kind.minutes for name, kind in chosen.items()}
    following, lost = waves(needs), set[str]()
    while following:
        now = time.time()
        seconds = TRAINED * share(following, minutes) * (deadline - now)
        if seconds <= 0:
            return lost | _leave_out(following, "no time is left", board)
        crew = orders.begin(following[0], seconds / 60, now + seconds)
        lost |= together(crew, board)
        following = _able(following[1:], needs, lost, board)
    return lost


def _able(
    following: Iterable[Wave], needs: Mapping[str, tuple[str, ...]], lost: set[str], board: Board
) -> list[Wave]:
    """The waves without what needs those that are lost, which is added to them."""
    able = []
    for wave in following:
        for name in wave:
            if missing := lost.intersection(needs[name]):
                lost |= _leave_out([(name,)], f"needs {', '.join(sorted(missing))}", board)
        able.append(tuple(name for name in wave if name not in lost))
    return [wave for wave in able if wave]


def _leave_out(following: Iterable[Wave], why: str, board: Board) -> set[str]:
    names = {name for wave in following for name in wave}
    for name in names:
        board.show(name, f"left out: {why}", news=True)
    return names


def _parser(known: Kinds) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m models.training.fleet",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [*known, "all"]
    parser.add_argument("names", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument(
        "--minutes", type=float, required=True, help="for everything: data, training, measuring"
    )
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument(
        "--continue",
        action="store_true",
        dest="continued",
        help="start from shipped checkpoints, where no run is there to resume",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        default=RUNS,
        help="folder of states, sheets and logs (default: runs, where the data stays)",
    )
    parser.add_argument(
        "--checkpoints",
        type=Path,
        default=FOLDER,
        help="folder of weights and cards (default: checkpoints); a copy of it for a rehearsal",
    )
    return parser


def main() -> int:
    """Command line; 0 where all were trained."""
    began, known = time.time(), recipes()
    parser = _parser(known)
    args = parser.parse_args()
    chosen = {n: kind for n, kind in known.items() if {n, "all"}.intersection(args.names)}
    folders = args.runs.resolve(), args.checkpoints.resolve()
    orders = Orders(args.device, args.continued, *folders)
    if wrong := orders.lacking(chosen):
        parser.error("; ".join(wrong))
    if args.device.startswith("cuda") and not torch.cuda.is_available():
        parser.error("there is no CUDA device here that torch can use")
    deadline = began + 60 * args.minutes
    try:
        if not render(portions(chosen.values()), deadline):
            parser.exit(1, "rendering took all the time; what is done is kept\n")
        with interruptible():
            failed = train(chosen, orders, deadline, Board(list(chosen)))
    except KeyboardInterrupt:
        print("ended; the same command goes on from what was saved", file=sys.stderr)
        return INTERRUPTED
    print(f"cards are in {orders.checkpoints}, sheets in {orders.runs}/NAME", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
