"""``python -m models.evaluation NAME…|all``: measure shipped models, rewrite cards and report."""

from __future__ import annotations

import argparse
import sys
import time

from models.evaluation.evidence import PROMPTS, measure_model, sampling_models
from models.evaluation.fashion import measure_fashion
from models.evaluation.report import load_references, write_references, write_report
from models.evaluation.samples import FULL, references
from models.runtime.checkpoint import write_card
from models.runtime.zoo import Zoo


def main() -> None:
    """Command line: the harness, one model after the other."""
    known = [*sampling_models(), *sampling_models("fashion")]
    parser = argparse.ArgumentParser(prog="python -m models.evaluation", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*known, "all"]))
    parser.add_argument("--count", type=int, default=FULL, help="samples a model (default 5000)")
    parser.add_argument("--prompts", type=int, default=PROMPTS, help="captions a split")
    parser.add_argument(
        "--references", action="store_true", help="measure floor and spoilt sets anew, too"
    )
    args = parser.parse_args()
    names = known if "all" in args.names else args.names
    if unknown := set(names) - set(known):
        parser.error(f"unknown model {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if not 200 <= args.count <= FULL or args.count % 100:
        parser.error(f"--count must be a multiple of 100 between 200 and {FULL}")
    zoo = Zoo()
    if args.references or (names and load_references().get("count") != args.count):
        write_references({"count": args.count, **references(args.count)})
    floor = load_references()["floor"]
    for name in names:
        began = time.monotonic()
        card = zoo.card(name)
        zoo.prepare(name)  # what is measured is what the deck draws
        if card["dataset"] == "fashion":
            card["measured"] |= measure_fashion(zoo, name, args.count)
        else:
            card["measured"] |= measure_model(zoo, name, floor, args.count, args.prompts)
        write_card(card, zoo.folder)
        print(f"{name}: {time.monotonic() - began:.0f} s", card["measured"], file=sys.stderr)
    write_report(zoo)


if __name__ == "__main__":
    main()
