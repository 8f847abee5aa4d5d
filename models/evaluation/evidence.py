"""Everything the harness measures of one shipped model, for the ``measured`` block of its card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from models.data.captions.plain import full_caption
from models.data.dataset import Faces
from models.evaluation.cost import measure_cost
from models.evaluation.likelihood import diffusion_bits, flow_bits, token_bits, vae_bits
from models.evaluation.photographs import measure_photographs
from models.evaluation.prompts import measure_prompts
from models.evaluation.samples import (
    CHUNK,
    FULL,
    SAMPLES,
    TRAIN,
    collect,
    compare,
    measure_images,
    shrink,
)
from models.evaluation.speed import measure_speed
from models.evaluation.spoken import measure_spoken
from models.evaluation.worlds import WORLDS, measured_of, worlds_of
from models.families.autoregressive import TokenGPT
from models.families.vae import VAE
from models.parts.clip import CLIP
from models.parts.tokenizer import ImageTokenizer
from models.procedures.diffusion import DiffusionSampler
from models.procedures.flow import sampling
from models.runtime.hardware import hardware
from models.runtime.sampler import run_batched
from models.runtime.zoo import Zoo

if TYPE_CHECKING:
    from collections.abc import Callable

PROMPTS = 1_000
COURSE = ("vae", "gan", "flow", "autoregressive", "diffusion", "latent_diffusion")
"""Families in the order of the course; others come last."""
FACES = 500
"""Test faces whose likelihood is measured."""


def sampling_models(dataset: str = "faces") -> list[str]:
    """Names of the shipped models that draw faces or ``fashion``, in the order of the course."""
    zoo = Zoo()
    drawing = [n for n in zoo.find(dataset=dataset) if "sample" in zoo.architecture(n).procedures]
    return sorted(drawing, key=lambda name: _place(zoo.card(name)["family"]))


def _place(family: str) -> int:
    return COURSE.index(family) if family in COURSE else len(COURSE)


def reads(zoo: Zoo, name: str, parameter: str) -> bool:
    """Whether the model's samples depend on a parameter, for example ``prompt``."""
    return parameter in zoo.procedure(f"{name}.sample").parameters.bounds()


def draw_samples(zoo: Zoo, name: str, count: int, **settings: Any) -> Tensor:
    """``count`` pictures, shrunk to 64×64; what ``settings`` of the request leave open is
    default.
    """
    sampler = zoo.sampler(f"{name}.sample")

    def draw(n: int, seed: int) -> Tensor:
        return shrink(sampler.run(sampler.request(n=n, seed=seed, **settings)).images)

    return collect(draw, count)


def draw_asked(zoo: Zoo, name: str, count: int, world: str = "faces", **settings: Any) -> Tensor:
    """``count`` pictures of 64×64, each for the caption of its training picture, without guidance.

    A model of images given captions has a distribution of images once captions are drawn from
    theirs; guidance would bend it. The training pictures are those that make the floor, so a
    perfect model would score the floor.
    """
    sampler, pictures = zoo.sampler(f"{name}.sample"), WORLDS[world].pictures("train", count)
    asked = {"guidance_scale": 1.0, **settings}
    drawn = []
    for start in range(0, count, CHUNK):
        requests = [
            sampler.request(seed=10_000 + i, prompt=full_caption(pictures.attributes(i)), **asked)
            for i in range(start, start + CHUNK)
        ]
        drawn.append(shrink(torch.cat([view.images for view in run_batched(sampler, requests)])))
    return torch.cat(drawn)


def measure_model(
    zoo: Zoo, name: str, known: dict[str, Any], count: int = FULL, prompts: int = PROMPTS
) -> dict[str, Any]:
    """Every world that the model draws, likelihood, speed, and what it does without a prompt.

    A thousand faces without one are compared where they can be of one world only; the flow draws
    a thousand without guidance.

    Args:
        known: world → what references score, of which the floor is written beside the samples'
            scores.
    """
    card = zoo.card(name)
    measured: dict[str, Any] = {
        "evaluation": {
            "command": f"python -m models.evaluation {name} --count {count} --prompts {prompts}",
            "hardware": hardware("cpu"),
        }
    }
    for world in worlds_of(card):
        block = measured_of({**card, "measured": measured}, world)
        block |= measure_world(zoo, name, world, known[world]["floor"], count, prompts)
    measured["likelihood"] = measure_likelihood(zoo, name)
    measured["speed"] = measure_speed(zoo, name)
    if reads(zoo, name, "prompt"):
        if worlds_of(card) == [card["dataset"]]:
            measured["samples_unprompted"] = compare(draw_samples(zoo, name, SAMPLES))
    elif reads(zoo, name, "guidance_scale"):
        density = draw_samples(zoo, name, SAMPLES, guidance_scale=1.0)
        measured |= {"sampling": sampling(), "samples_unguided": compare(density)}
    if name == "latent-diffusion":
        measured["step_cost"] = measure_cost()
    return measured


def measure_world(
    zoo: Zoo, name: str, world: str, floor: dict[str, Any], count: int, prompts: int
) -> dict[str, Any]:
    """Samples of one world; with and without guidance, captions of its test split and of held-out
    pairs, and spoken prompts, where the model reads any. Such models are asked for captions.

    Args:
        floor: what as many training pictures score, written beside the samples' scores.
    """
    prompted = reads(zoo, name, "prompt")
    drawn = draw_asked(zoo, name, count, world) if prompted else draw_samples(zoo, name, count)
    floors = {f"{key}_floor": floor[key] for key in ("frechet", "coverage")}
    block: dict[str, Any] = {"samples": measure_images(drawn, world=world) | floors}
    block["photographs"] = {"count": count} | measure_photographs(drawn, world)
    if prompted:
        sampler = zoo.sampler(f"{name}.sample")
        for key, split in (("prompts", "test"), ("prompts_held_out", "combo")):
            block[key] = measure_prompts(sampler, split, prompts, world)
            plain = measure_prompts(sampler, split, prompts, world, guidance_scale=1.0)
            block[f"{key}_unguided"] = plain
        block["spoken"] = measure_spoken(sampler, world)
    return block


def measure_speech(zoo: Zoo, name: str) -> dict[str, dict[str, Any]]:
    """Spoken prompts alone, by world; none where the model reads no prompt."""
    if not reads(zoo, name, "prompt"):
        return {}
    sampler = zoo.sampler(f"{name}.sample")
    return {world: measure_spoken(sampler, world) for world in worlds_of(zoo.card(name))}


def measure_likelihood(zoo: Zoo, name: str) -> dict[str, Any]:
    """What kind of likelihood the family has and its value on 500 test faces."""
    if name not in LIKELIHOODS:
        return {"kind": "none"}
    kind, unit, measure = LIKELIHOODS[name]
    bits = measure(zoo, Faces("test", FULL))
    return {"kind": kind, unit: round(float(bits.mean()), 3), "count": FACES}


def _calibration() -> Tensor:
    return Faces("train", TRAIN).take(slice(0, FACES))


def _vae(zoo: Zoo, faces: Faces) -> Tensor:
    return vae_bits(zoo.network("vae", VAE), faces.take(slice(0, FACES)), _calibration())


def _flow(zoo: Zoo, faces: Faces) -> Tensor:
    return flow_bits(zoo.sampler("flow.encode"), faces.take(slice(0, FACES)))


def _autoregressive(zoo: Zoo, faces: Faces) -> Tensor:
    gpt, images = zoo.network("autoregressive", TokenGPT), zoo.network("tokenizer", ImageTokenizer)
    said = zoo.network("clip", CLIP).text(faces.captions(np.arange(FACES), full=True))
    return token_bits(gpt, images, faces.take(slice(0, FACES)), said["tokens"])


def _diffusion(zoo: Zoo, faces: Faces) -> Tensor:
    sampler = zoo.sampler("diffusion.sample")
    assert isinstance(sampler, DiffusionSampler)
    return diffusion_bits(sampler, faces.take(slice(0, FACES)), _calibration())


LIKELIHOODS: dict[str, tuple[str, str, Callable[[Zoo, Faces], Tensor]]] = {
    "vae": ("evidence lower bound", "bits_per_dim", _vae),
    "flow": ("exact", "bits_per_dim", _flow),
    "autoregressive": ("exact, of the tokens", "bits_per_token", _autoregressive),
    "diffusion": ("variational bound", "bits_per_dim", _diffusion),
}
"""Model → kind, unit and measure of its likelihood."""
