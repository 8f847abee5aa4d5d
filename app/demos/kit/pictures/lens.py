"""A picture, and beside it views of it, each of which is seen in large when it is pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from app.deck.images import data_uri
from app.demos.kit.part import Part

DARK = 0.15
"""What is left of a picture's light where a view looks away."""


@dataclass(frozen=True, eq=False)
class Detail:
    """Where one looks.

    Attributes:
        word: what it is of.
        heat: [h, w] in [0, 1], how much each place matters; ``None`` before it is known.
    """

    word: str
    heat: Tensor | None = None

    @property
    def light(self) -> Tensor:
        """What is left of the picture's light, [h, w]."""
        assert self.heat is not None
        return DARK + (1 - DARK) * self.heat

    @property
    def mask(self) -> str:
        """The light's ``data:`` address, to be multiplied with the picture."""
        return data_uri((2 * self.light - 1).expand(3, -1, -1))


@dataclass(frozen=True, eq=False)
class Lens(Part):
    """A square picture and its views, at most nine.

    Attributes:
        image: [3, H, W] in [-1, 1]; an outline while it is ``None``.
        alt: for those who cannot see it.
        filmed: whether the film strip keeps the picture.
    """

    kind: ClassVar[str] = "lens"

    image: Tensor | None
    alt: str
    details: Sequence[Detail]
    filmed: bool = False

    @property
    def columns(self) -> int:
        """Of the views: 1, 2 or 3."""
        return 1 if len(self.details) <= 2 else 2 if len(self.details) <= 4 else 3

    def src(self, exact: bool) -> str:
        """The picture's ``data:`` address."""
        assert self.image is not None
        return data_uri(self.image, exact)

    def seen(self, detail: Detail, exact: bool) -> str:
        """The ``data:`` address of the picture as a view sees it."""
        assert self.image is not None
        light = detail.light[None, None]
        large = F.interpolate(light, size=self.image.shape[1:], mode="bilinear")[0]
        return data_uri(((self.image + 1) * large - 1).clamp(-1, 1), exact)
