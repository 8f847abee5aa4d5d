"""Uploads are not needed to try an encoder: the app ships a gallery of real test faces."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from models.data.gallery import gallery


def faces(indices: Sequence[int], size: int = 64) -> Tensor:
    """Gallery faces by index, float [n, 3, size, size].

    Raises:
        ValueError: an index outside the gallery.
    """
    shown = gallery(size)
    for index in indices:
        if not 0 <= index < len(shown):
            raise ValueError(f"the gallery has faces 0 to {len(shown) - 1}, not {index}")
    return shown.images[torch.tensor(list(indices))]
