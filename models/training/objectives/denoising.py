"""What the recipes of denoisers share: batches, evenly spread times, captions dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from models.data.captions.tokenizer import tokenizer

if TYPE_CHECKING:
    from models.parts.clip import CLIP
    from models.parts.conditions import Conditions

DROPOUT = 0.12
"""Share of captions replaced by the empty one, for classifier-free guidance."""


class Batch(NamedTuple):
    """What one step learns from.

    Attributes:
        x0: clean images or latents [n, channels, H, W].
        conditions: of the network: features of their captions, or their classes.
        weight: of the loss, [n, 1, H, W], about 1 on average, or None for all places alike.
        features: of the clean pictures, for :mod:`models.training.objectives.alignment`, or None.
    """

    x0: Tensor
    conditions: Conditions
    weight: Tensor | None = None
    features: Tensor | None = None


def stratified_times(n: int, device: str) -> Tensor:
    """n times that cover (0, 1) evenly, shuffled: less noise in the loss than independent draws."""
    order = torch.randperm(n, device=device)
    return (order + torch.rand(n, device=device)) / n


def drop_captions(ids: Tensor) -> Tensor:
    """Empty each caption [n, MAX_TOKENS] with probability :data:`DROPOUT`."""
    empty = tokenizer().encode("").ids.to(ids.device)
    return torch.where(torch.rand(len(ids), 1, device=ids.device) < DROPOUT, empty, ids)


@torch.no_grad()
def text_features(clip: CLIP, ids: Tensor) -> Conditions:
    """Frozen text features of a batch of captions."""
    features: Conditions = clip.text(ids)
    return features
