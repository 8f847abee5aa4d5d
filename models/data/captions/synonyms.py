"""Words that mean the same, or nearly: what a new word begins as when a trained model learns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from models.data.captions.wordings import wordings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

SYNONYMS: Mapping[str, Sequence[str]] = wordings("synonyms")
"""Word → others that stand for it."""


def grown(rows: Tensor, known: Sequence[str], words: Sequence[str]) -> Tensor:
    """An embedding's rows for more words than it knew.

    A word that was known keeps its row and a synonym of one begins with that one's; any other
    begins at random, spread as the known are.

    Args:
        rows: [len(known), d].
        known: the words of the rows.
        words: those of the new rows; what they share with ``known`` may stand elsewhere.

    Returns:
        [len(words), d].
    """
    place = {word: i for i, word in enumerate(known)}
    for word, others in SYNONYMS.items():
        for other in others:
            if word in place:
                place.setdefault(other, place[word])
    spread = torch.Generator().manual_seed(0)
    out = torch.randn(len(words), rows.shape[1], generator=spread) * rows.std()
    for i, word in enumerate(words):
        if word in place:
            out[i] = rows[place[word]]
    return out
