"""Codes that tell what is captioned: attributes are read off them while they are learned.

Whether an eye winks is a dozen pixels: to an error of pixels it is worth less than the shade of a
shirt, and the few bits of a code go there. A small reader of the codes, trained beside encoder and
decoder and thrown away, asks for what people name, as VILA-U's tokens are asked for their caption
(Wu et al., 2024). Such tokens are also easier to foresee from a prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 64


class CodeReader(nn.Module):
    """Two convolutions over a grid of codes and a linear head for each attribute.

    Args:
        channels, side: of the grid.
        classes: of each head.
    """

    def __init__(self, channels: int, side: int, classes: Sequence[int]) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(channels, WIDTH, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
            nn.SiLU(),
        )
        self.gather = nn.Linear(WIDTH * side**2, 2 * WIDTH)
        self.heads = nn.ModuleList(nn.Linear(2 * WIDTH, count) for count in classes)

    def forward(self, codes: Tensor) -> list[Tensor]:
        """Codes [n, channels, side, side] → logits of each head, [n, classes of the head]."""
        seen = F.silu(self.gather(self.look(codes).flatten(1)))
        return [head(seen) for head in self.heads]
