"""``python -m models.training NAME|all [--device …] [--minutes …]``, or ``--list``.

For several models side by side see :mod:`models.training.fleet`.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from models.data.dataset import RUNS
from models.runtime.checkpoint import load_checkpoint
from models.training.catalogue import recipes
from models.training.loop import Loop
from models.training.objectives.sharpening import DecoderRecipe

if TYPE_CHECKING:
    from models.training.recipe import Recipe


def main() -> None:
    """Command line: train one model, resuming where an earlier run stopped, or all in turn."""
    known = recipes()
    args = _parser(known).parse_args()
    if args.list:
        print(*known, sep="\n")
        return
    for name in known if args.name == "all" else (args.name,):
        train(known[name], args)


def _parser(known: dict[str, type[Recipe]]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.training", description=main.__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "name", nargs="?", choices=[*known, "all"], metavar="NAME", help=", ".join([*known, "all"])
    )
    what.add_argument(
        "--list", action="store_true", help="print the names, each after those it needs"
    )
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--minutes", type=float, help="training time (default: the recipe's)")
    parser.add_argument("--passes", type=int, help="images to train on, in place of minutes")
    parser.add_argument("--rate", type=float, help="learning rate (default: the recipe's)")
    parser.add_argument(
        "--until",
        type=float,
        metavar="SECONDS",
        help="end training at this moment, in seconds since 1970, if it has not ended before",
    )
    parser.add_argument(
        "--freeze",
        metavar="PREFIX",
        help="weights whose names begin so stay as they are, for example text of clip",
    )
    parser.add_argument(
        "--sharpen",
        action="store_true",
        help="train the decoder alone, by how its pictures look, too: of the tokenizer or the "
        "autoencoder, with --continue",
    )
    parser.add_argument("--seed", type=int, default=0, help="of weights and batches")
    parser.add_argument(
        "--runs", type=Path, default=RUNS, help="folder of states and sheets (default: runs)"
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--continue",
        action="store_true",
        dest="continued",
        help="start from the shipped checkpoint, if no run is there to resume",
    )
    start.add_argument(
        "--from",
        dest="lender",
        choices=known,
        metavar="NAME",
        help="start from another model's checkpoint, as far as its weights fit (default: the "
        "recipe's, if it has one)",
    )
    parser.add_argument(
        "--compile",
        action="store_true",
        help="fuse operations with torch.compile: about a quarter faster, needs a C++ compiler",
    )
    return parser


def train(kind: type[Recipe], args: argparse.Namespace) -> None:
    """Train one model as the command line says."""
    if args.device.startswith("cuda"):
        torch.set_float32_matmul_precision("high")  # by tensor cores, where float32 is kept to
    recipe = kind(args.device, args.seed)
    if args.rate:
        recipe.rate = args.rate
    if args.sharpen:
        if not isinstance(recipe, DecoderRecipe) or not args.continued:
            sys.exit("--sharpen takes the tokenizer or the autoencoder, and --continue")
        recipe.sharpen()
    minutes = args.minutes or recipe.minutes
    folder = args.runs / recipe.name
    options = f" --rate {args.rate:g}" if args.rate else ""
    options += f" --freeze {args.freeze}" if args.freeze else ""
    options += " --sharpen" if args.sharpen else ""
    loop = Loop(recipe, folder, minutes, args.seed, args.passes, args.until, options)
    if args.until and not loop.step and time.time() >= args.until:
        sys.exit(f"{recipe.name}: the time was over before training began")
    if args.continued:
        loop.continue_from(*load_checkpoint(recipe.name))
    elif lender := args.lender or recipe.lender:
        loop.borrow_from(*load_checkpoint(lender))
    if args.freeze:
        recipe.freeze(args.freeze)
    if args.compile:
        for network in recipe.modules.values():
            network.compile(dynamic=False)
    loop.run()


if __name__ == "__main__":
    main()
