"""``python -m models.training NAME [--device …] [--minutes …]``."""

from __future__ import annotations

import argparse
import importlib

from models.data.dataset import RUNS
from models.runtime.checkpoint import load_checkpoint
from models.training.loop import Loop

RECIPES = {
    "judge": "judge:JudgeRecipe",
    "clip": "clip:CLIPRecipe",
    "vae": "vae:VAERecipe",
    "vae-prior": "vae_prior:VAEPriorRecipe",
    "gan": "gan:GANRecipe",
    "gan-collapsed": "gan:CollapsedGANRecipe",
    "flow": "flow:FlowRecipe",
    "tokenizer": "tokenizer:TokenizerRecipe",
    "autoregressive": "autoregressive:AutoregressiveRecipe",
    "diffusion": "diffusion:DiffusionRecipe",
    "flow-matching": "flow_matching:FlowMatchingRecipe",
    "autoencoder": "autoencoder:AutoencoderRecipe",
    "latent-diffusion": "latent_diffusion:LatentDiffusionRecipe",
    "fashion-judge": "judge:FashionJudgeRecipe",
    "fashion-flow": "flow:FashionFlowRecipe",
    "fashion-diffusion": "fashion_diffusion:FashionDiffusionRecipe",
    "fashion-autoregressive": "patch_autoregressive:PatchAutoregressiveRecipe",
}
"""Model name → module and class of its recipe."""


def main() -> None:
    """Command line: train one model, resuming where an earlier run stopped."""
    parser = argparse.ArgumentParser(prog="python -m models.training", description=main.__doc__)
    parser.add_argument("name", choices=RECIPES, metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--minutes", type=float, help="training time (default: the recipe's)")
    parser.add_argument("--passes", type=int, help="images to train on, in place of minutes")
    parser.add_argument("--seed", type=int, default=0, help="of weights and batches")
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
        choices=RECIPES,
        metavar="NAME",
        help="start from another model's checkpoint, as far as its weights fit (default: the "
        "recipe's, if it has one)",
    )
    parser.add_argument(
        "--compile",
        action="store_true",
        help="fuse operations with torch.compile: about a quarter faster, needs a C++ compiler",
    )
    args = parser.parse_args()
    module, recipe_name = RECIPES[args.name].split(":")
    recipe_class = getattr(
        importlib.import_module(f"models.training.recipes.{module}"), recipe_name
    )
    recipe = recipe_class(args.device, args.seed)
    minutes = args.minutes or recipe.minutes
    loop = Loop(recipe, RUNS / args.name, minutes, args.seed, args.passes)
    if args.continued:
        loop.continue_from(*load_checkpoint(args.name))
    elif lender := args.lender or recipe.lender:
        loop.borrow_from(*load_checkpoint(lender))
    if args.compile:
        for network in recipe.modules.values():
            network.compile(dynamic=False)
    loop.run()


if __name__ == "__main__":
    main()
