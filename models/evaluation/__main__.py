"""``python -m models.evaluation NAME…|all``: measure shipped models, rewrite cards and report."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from models.evaluation.evidence import PROMPTS, measure_model, measure_speech, sampling_models
from models.evaluation.fashion import measure_fashion
from models.evaluation.report import load_references, write_references, write_report
from models.evaluation.samples import FULL, references
from models.evaluation.worlds import WORLDS, measured_of, worlds_of
from models.runtime.checkpoint import write_card
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> None:
    """Command line: the harness, one model after the other."""
    drawing, photos = sampling_models(), sampling_models("fashion")
    args, parser = _arguments([*drawing, *photos])
    known = drawing if args.spoken else [*drawing, *photos]
    names = known if "all" in args.names else args.names
    if unknown := set(names) - set(known):
        parser.error(f"unknown model {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if not 200 <= args.count <= FULL or args.count % 100:
        parser.error(f"--count must be a multiple of 100 between 200 and {FULL}")
    zoo = Zoo()
    scores = {} if args.spoken else _references(zoo, names, args.count, args.references)
    for name in names:
        began = time.monotonic()
        card = zoo.card(name)
        zoo.prepare(name)  # what is measured is what the deck draws
        if args.spoken:
            for world, spoken in measure_speech(zoo, name).items():
                measured_of(card, world)["spoken"] = spoken
        elif card["dataset"] == "fashion":
            card["measured"] |= measure_fashion(zoo, name, args.count)
        else:
            card["measured"] |= measure_model(zoo, name, scores, args.count, args.prompts)
        write_card(card, zoo.folder)
        print(f"{name}: {time.monotonic() - began:.0f} s", card["measured"], file=sys.stderr)
    write_report(zoo)


def _arguments(names: Sequence[str]) -> tuple[argparse.Namespace, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*names, "all"]))
    parser.add_argument("--count", type=int, default=FULL, help="samples a model (default 5000)")
    parser.add_argument("--prompts", type=int, default=PROMPTS, help="captions a split")
    parser.add_argument("--spoken", action="store_true", help="measure spoken prompts alone")
    parser.add_argument(
        "--references", action="store_true", help="measure floor and spoilt sets anew, too"
    )
    return parser.parse_args(), parser


def _references(zoo: Zoo, names: Sequence[str], count: int, anew: bool) -> dict[str, Any]:
    """What known sets score, of every world that the models draw; measured where it is not known.

    Args:
        anew: measure those of all worlds, whatever is known.
    """
    known = load_references()
    stale = anew or bool(names and known.get("count") != count)
    cards = [zoo.card(name) for name in (sampling_models() if stale else names)]
    worlds = {world for card in cards for world in worlds_of(card) if world in WORLDS}
    known = {"count": count} if stale else known
    if missing := [world for world in WORLDS if world in worlds and world not in known]:
        write_references(known | {world: references(count, world) for world in missing})
    return load_references()


if __name__ == "__main__":
    main()
