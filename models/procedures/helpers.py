"""Models that do nothing by themselves: what tokens and latents go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.parts.autoencoder import Autoencoder
from models.parts.tokenizer import ImageTokenizer
from models.runtime.architecture import Architecture, Model, Parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from models.runtime.checkpoint import Checkpoint


def _load(kind: Callable[..., nn.Module]) -> Callable[[Checkpoint, Parts], Model]:
    return lambda checkpoint, parts: Model(checkpoint.build(kind))


TOKENIZER = Architecture("tokenizer", "tokenizer", _load(ImageTokenizer))
AUTOENCODER = Architecture("autoencoder", "autoencoder", _load(Autoencoder))
