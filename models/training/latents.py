"""Pictures encoded once: what an encoder makes of a set, kept until either changes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from models.data.dataset import RUNS

if TYPE_CHECKING:
    from models.data.dataset import Worlds
    from models.parts.autoencoder import Autoencoder

FOLDER = RUNS / "latents"
PART = 100
"""Pictures encoded at once."""


@torch.no_grad()
def latents(autoencoder: Autoencoder, pictures: Worlds, device: str) -> Tensor:
    """The latent of every picture in order, [n, channels, side, side], on the device.

    Computed once for these weights and pictures and read from ``runs/latents`` after that.
    """
    path = FOLDER / f"{_digest(autoencoder, pictures)}.pt"
    if path.exists():
        known: Tensor = torch.load(path, weights_only=True)
        return known.float().to(device)
    parts = [autoencoder.encode(part.to(device)).cpu() for part in pictures.parts(PART)]
    encoded = torch.cat(parts)
    FOLDER.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    torch.save(encoded.half(), partial)
    partial.replace(path)
    return encoded.to(device)


def _digest(autoencoder: Autoencoder, pictures: Worlds) -> str:
    digest = hashlib.sha256(f"{[*map(len, pictures.worlds)]}".encode())
    for weight in autoencoder.state_dict().values():
        digest.update(_bytes(weight))
    for world in pictures.worlds:
        # A few pictures tell whether they were drawn anew.
        digest.update(_bytes(world.images[:: max(1, len(world) // 16)]))
    return digest.hexdigest()[:16]


def _bytes(tensor: Tensor) -> Any:
    return tensor.detach().cpu().contiguous().numpy().tobytes()
