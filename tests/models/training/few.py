"""A few images in the place of data sets, and small networks of the shipped ones' kind."""

from __future__ import annotations

import importlib
import pkgutil
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from models.data import dataset
from models.data.dataset import Faces, Landscapes
from models.data.faces import FACES
from models.data.fashion import CLASSES, Fashion
from models.data.gallery import gallery, landscapes
from models.data.landscapes.world import LANDSCAPES
from models.data.pixels import to_file
from models.evaluation import prompts, samples
from models.evaluation.worlds import WORLDS, WorldMeasure
from models.families.gan import Discriminator, Generator
from models.families.vq_vae import QUANTIZERS
from models.parts.denoiser import Denoiser
from models.training import recipes as package
from models.training.catalogue import recipes
from models.training.recipes import (
    autoregressive,
    clip,
    diffusion,
    fashion_diffusion,
    gan,
    latent_diffusion,
)
from models.training.recipes.gan import GANRecipe
from models.training.recipes.judge import JudgeRecipe
from models.training.recipes.latent_diffusion import LatentDiffusionRecipe
from tests.models.tiny import SmallFashionDenoiser, pictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    import pytest

    from models.data.dataset import Worlds
    from models.parts.autoencoder import Autoencoder
    from models.training.recipe import Recipe

COUNT = 12
LEVELS = ((4, 8), (8, 8), (16, 8), (32, 8))
ARGUMENTS = {
    "vae": {"latent": 8, "widths": (8, 8, 8)},
    "vae-prior": {"dim": 16, "blocks": 1},
    "tokenizer": {"widths": (8, 8)},
    **{
        f"codebook-{quantizer}": {"quantizer": quantizer, "widths": (8, 8)}
        for quantizer in QUANTIZERS
    },
    "autoregressive": {"dim": 12, "layers": 1, "heads": 2},
    "autoencoder": {"widths": (8, 8)},
    "diffusion": {"width": 8, "dim": 16, "layers": 2},
    "flow-matching": {"width": 8, "dim": 16, "layers": 2},
    "judge": {"width": 8},
    "fashion-judge": {"width": 8, "classes": [len(CLASSES)]},
    "landscape-judge": {"width": 8, "classes": list(map(len, LANDSCAPES.heads.values())),
                        "side": 64},
    "flow": {"dim": 16, "layers": 1, "heads": 2, "blocks": 2},
    "fashion-flow": {"side": 28, "patch": 4, "dim": 16, "layers": 1, "heads": 2, "blocks": 2,
                     "channels": 1, "noise": 0.0, "triangular": True},
    "fashion-autoregressive": {"dim": 12, "layers": 1, "local_dim": 16, "local_layers": 1},
}  # fmt: skip
"""Model → what its network is built with here, where a recipe takes it from its arguments."""


class FewFaces(Faces):
    """The gallery in the place of a rendered split."""

    def __init__(
        self, split: str, count: int, size: int = 64, device: str = "cpu", seed: int = 0
    ) -> None:
        shown, self.world = gallery(size), FACES
        self.images = to_file(shown.images[:COUNT]).to(device)
        self.indices = np.array([a.indices() for a in shown.attributes[:COUNT]])
        self.device = device
        self.rng = np.random.default_rng(seed)


class FewLandscapes(Landscapes):
    """The same of the other world."""

    def __init__(
        self, split: str, count: int, size: int = 64, device: str = "cpu", seed: int = 0
    ) -> None:
        shown, self.world = landscapes(size), LANDSCAPES
        self.images = to_file(shown.images[:COUNT]).to(device)
        self.indices = np.array([a.indices() for a in shown.attributes[:COUNT]])
        self.device = device
        self.rng = np.random.default_rng(seed)


def encoded(autoencoder: Autoencoder, pictures: Worlds, device: str) -> torch.Tensor:
    """Latents that are kept nowhere."""
    with torch.no_grad():
        return torch.cat([autoencoder.encode(part.to(device)) for part in pictures.parts(COUNT)])


def corners(_split: str, count: int, side: int) -> torch.Tensor:
    """Each landscape's object in the first place and its sky's thing in the second."""
    things = torch.zeros(count, 2, side, side, dtype=torch.bool)
    things[:, 0, 0, 0] = things[:, 1, 0, 1] = True
    return things


def few_photos(split: str = "train", folder: Path | None = None) -> Fashion:
    """Flat patterns, black around, of classes in turn; other ones in the test split."""
    pixels = pictures(COUNT, 4, seed=int(split == "test"))[:, :1].repeat_interleave(5, 2)
    images = torch.full((COUNT, 1, 28, 28), -1.0)
    images[:, :, 4:24, 4:24] = (pixels.repeat_interleave(5, 3) * 127.5).round() / 127.5
    return Fashion(images, torch.arange(COUNT) % len(CLASSES))


def modules() -> Iterator[ModuleType]:
    """Those of the recipes."""
    for module in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{module.name}")


def use_few_images(patch: pytest.MonkeyPatch) -> None:
    """All recipes learn a few images and are measured by a few samples."""
    for module in (*modules(), dataset):
        for kind in (FewFaces, FewLandscapes):
            name = kind.__name__.removeprefix("Few")
            if hasattr(module, name):
                patch.setattr(module, name, kind)
        if hasattr(module, "fashion"):
            patch.setattr(module, "fashion", few_photos)
    patch.setattr(samples, "CHUNK", 4)
    patch.setitem(WORLDS, "faces", WorldMeasure(FACES, "judge", FewFaces))
    patch.setitem(WORLDS, "landscapes", WorldMeasure(LANDSCAPES, "landscape-judge", FewLandscapes))
    for module in modules():
        if hasattr(module, "measure_samples"):
            patch.setattr(module, "measure_samples", partial(samples.measure_samples, count=8))
        if hasattr(module, "measure_prompts"):
            patch.setattr(module, "measure_prompts", partial(prompts.measure_prompts, count=4))
    patch.setattr(clip, "BATCH", 8)
    patch.setattr(latent_diffusion, "latents", encoded)
    patch.setattr(latent_diffusion, "places", corners)
    patch.setattr(autoregressive, "SHEET_PROMPTS", diffusion.SHEET_PROMPTS[:1])
    for recipe in (diffusion.DiffusionRecipe, LatentDiffusionRecipe):
        patch.setattr(recipe, "prompts", recipe.prompts[:1])
    patch.setattr(fashion_diffusion, "CLASSES", CLASSES[:2])
    patch.setattr(gan, "CALIBRATION", COUNT)
    patch.setattr(JudgeRecipe, "learned", COUNT)


def use_small_networks(patch: pytest.MonkeyPatch) -> None:
    """Networks of the shipped ones' kind; CLIP's alone keeps its size."""
    for name, arguments in ARGUMENTS.items():
        patch.setattr(recipes()[name], "arguments", arguments)
    patch.setattr(
        LatentDiffusionRecipe,
        "_network",
        lambda self: Denoiser(channels=4, patch=1, width=8, dim=16, layers=2),
    )
    patch.setattr("models.training.recipes.fashion_diffusion.FashionDenoiser", SmallFashionDenoiser)
    patch.setattr(
        GANRecipe, "_networks", lambda self: (Generator(LEVELS, (64, 8)), Discriminator(LEVELS))
    )


def small(kind: type[Recipe], device: str = "cpu", seed: int = 0) -> Recipe:
    """A recipe that learns from a few images at a time."""
    recipe = kind(device, seed)
    recipe.images_per_step = min(recipe.images_per_step, 8)
    return recipe


def same(a: nn.Module, b: nn.Module) -> bool:
    """Whether all weights are equal."""
    states = a.state_dict(), b.state_dict()
    return all(torch.equal(states[0][key], states[1][key]) for key in states[0] | states[1])
