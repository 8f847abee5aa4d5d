"""Do models draw what people say? Prompts written by hand, read off the pictures by the judge.

The prompts and what each must show are in ``spoken.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.evaluation.samples import shrink
from models.evaluation.worlds import WORLDS
from models.runtime.sampler import run_batched

if TYPE_CHECKING:
    from models.data.world import World
    from models.runtime.architecture import AnySampler

FILE = Path(__file__).with_name("spoken.toml")
PICTURES = 4
TOGETHER = 8
"""Prompts drawn at a time."""
SEED = 70_000


@dataclass(frozen=True)
class Spoken:
    """A prompt, and for some of the judge's heads the values that its words allow."""

    prompt: str
    must: Mapping[str, Sequence[str]]


def read_spoken(world: World[Any, Any], path: Path = FILE) -> tuple[Spoken, ...]:
    """The prompts for one world.

    Raises:
        ValueError: a prompt asks for nothing, stands there twice, or names a head or a value that
            the world does not have.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8"))[world.name]
    prompts = tuple(Spoken(entry["prompt"], entry["must"]) for entry in entries)
    known: set[str] = set()
    for spoken in prompts:
        if not spoken.must or spoken.prompt in known:
            raise ValueError(f"{spoken.prompt!r} asks for nothing, or stands there twice")
        for head, values in spoken.must.items():
            if not values or not set(values) <= set(world.heads.get(head, ())):
                raise ValueError(f"{spoken.prompt!r}: {world.name} have no {head} {list(values)}")
        known.add(spoken.prompt)
    return prompts


def allowed(prompts: Sequence[Spoken], world: World[Any, Any]) -> Tensor:
    """Which classes of which head satisfy each prompt, bool [prompts, heads, most classes].

    Of a head that a prompt does not ask for, all do.
    """
    most = max(map(len, world.heads.values()))
    table = torch.ones(len(prompts), len(world.heads), most, dtype=torch.bool)
    for row, spoken in zip(table, prompts, strict=True):
        for i, (head, values) in enumerate(world.heads.items()):
            if head in spoken.must:
                row[i] = torch.tensor([c < len(values) and values[c] in spoken.must[head]
                                       for c in range(most)])  # fmt: skip
    return table


def measure_spoken(
    sampler: AnySampler, world: str = "faces", pictures: int = PICTURES, **settings: Any
) -> dict[str, Any]:
    """Share of what a world's spoken prompts ask for that the judge finds in their pictures.

    Args:
        sampler: a prompted procedure whose images are 64 or 128 pixels a side.
        world: whose prompts and judge.
        pictures: to be drawn for each prompt.
        settings: further fields of the requests; what they leave open is the model's default.

    Returns:
        ``attributes``, the share of asked attributes that are right; ``all_right``, of pictures
        with nothing wrong; ``heads``, the first by head; ``prompts`` and ``pictures``, how many.
    """
    measure = WORLDS[world]
    prompts = read_spoken(measure.world)
    read = []
    for start in range(0, len(prompts), TOGETHER):
        requests = [
            sampler.request(n=pictures, seed=SEED + start + i, prompt=spoken.prompt, **settings)
            for i, spoken in enumerate(prompts[start : start + TOGETHER])
        ]
        views = run_batched(sampler, requests, TOGETHER)
        read.append(measure.read(shrink(torch.cat([view.images for view in views]))))
    return scores(prompts, measure.world, torch.cat(read).unflatten(0, (len(prompts), pictures)))


def scores(prompts: Sequence[Spoken], world: World[Any, Any], read: Tensor) -> dict[str, Any]:
    """See :func:`measure_spoken`.

    Args:
        read: class indices that the judge reads, int64 [prompts, pictures, heads].
    """
    fits = allowed(prompts, world)
    asked = torch.tensor([[head in spoken.must for head in world.heads] for spoken in prompts])
    right = fits[:, None].expand(-1, read.shape[1], -1, -1).gather(3, read[..., None])[..., 0]
    heads = {
        head: round(float(right[asked[:, i], :, i].float().mean()), 3)
        for i, head in enumerate(world.heads)
        if asked[:, i].any()
    }
    return {
        "prompts": len(prompts),
        "pictures": right.shape[0] * right.shape[1],
        "attributes": round(float(right.transpose(1, 2)[asked].float().mean()), 4),
        "all_right": round(float(right.all(2).float().mean()), 4),
        "heads": heads,
    }
