"""The attribute judge: a small classifier that reads a world's captioned attributes off a picture.

It scores prompts by program: draw a face for a caption, ask the judge what it shows. Its
penultimate features also serve as the space for Fréchet distances. There is one for faces and one
for landscapes; a third reads the class off a photo of Fashion-MNIST.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.data.attributes import HEADS
from models.data.fashion import add_border

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.data.captions.claims import Claims

FEATURES = 128
FACE_CLASSES = tuple(len(values) for values in HEADS.values())
GRID = 4
"""Places a side that the trunk leaves."""


class Judge(nn.Module):
    """Four pairs of convolutions and one linear head per attribute.

    Args:
        width: channels of the first convolution.
        classes: of each head.
        side: pixels that it looks at, 32 or 64; larger images are shrunk to them. With 64 the
            first pair halves them, too, which costs little more and sees what is small.
    """

    def __init__(
        self, width: int = 32, classes: Sequence[int] = FACE_CLASSES, side: int = 32
    ) -> None:
        super().__init__()
        self.side = side
        channels = [3, width, 2 * width, 3 * width, FEATURES]
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(itertools.pairwise(channels)):
            stride = 2 if i else side // (8 * GRID)
            layers += [nn.Conv2d(a, b, 3, padding=1), nn.GroupNorm(8, b), nn.SiLU()]
            layers += [nn.Conv2d(b, b, 3, padding=1, stride=stride)]
            layers += [nn.GroupNorm(8, b), nn.SiLU()]
        self.trunk = nn.Sequential(*layers)
        self.project = nn.Linear(FEATURES * GRID**2, FEATURES)
        self.heads = nn.ModuleList(nn.Linear(FEATURES, count) for count in classes)

    def features(self, images: Tensor) -> Tensor:
        """[n, 3, H, W] in [-1, 1], H = W a multiple of ``side`` → [n, 128]."""
        factor = images.shape[-1] // self.side
        small = F.avg_pool2d(images, factor) if factor > 1 else images
        out: Tensor = F.silu(self.project(self.trunk(small).flatten(1)))
        return out

    def forward(self, images: Tensor) -> list[Tensor]:
        """Logits of each head, [n, classes of the head]."""
        features = self.features(images)
        return [head(features) for head in self.heads]

    @torch.inference_mode()
    def read(self, images: Tensor) -> Tensor:
        """The most likely class of each attribute, int64 [n, heads]."""
        return torch.stack([logits.argmax(1) for logits in self(images)], dim=1)


def judge_loss(
    logits: Sequence[Tensor], labels: Tensor, seen: Tensor, smoothing: float = 0.02
) -> Tensor:
    """Cross-entropy in nats, each head's mean over the images that show its attribute, summed.

    Args:
        logits: of each head, [n, classes of the head].
        labels: int64 [n, heads].
        seen: which of them count, bool [n, heads]; see
            :meth:`models.data.dataset.Pictures.visible`.
        smoothing: share of the target that is spread over all classes (Szegedy et al., 2016).
    """
    losses = [
        F.cross_entropy(
            head.float()[seen[:, i]], labels[:, i][seen[:, i]], label_smoothing=smoothing
        )
        for i, head in enumerate(logits)
    ]
    return torch.stack(losses).sum()


def judge_input(photos: Tensor) -> Tensor:
    """Photos [n, 1 or 3, 28, 28] as the judge reads them: [n, 3, 32, 32]."""
    return add_border(photos[:, :1]).expand(-1, 3, -1, -1)


def obedience(claims: Claims, heads: Mapping[str, Sequence[str]], classes: Tensor) -> float:
    """Share of the attributes that a prompt claims which a judge finds, over all pictures, 0 … 1.

    Args:
        claims: attribute → the values that are right; others are not asked for.
        heads: every attribute and its values, in the order of the judge's heads.
        classes: what it reads, int64 [n, heads].

    Raises:
        ValueError: nothing is claimed that the judge reads.
    """
    right = [
        torch.isin(classes[:, i], torch.tensor([values.index(value) for value in claims[head]]))
        for i, (head, values) in enumerate(heads.items())
        if head in claims
    ]
    if not right:
        raise ValueError("nothing is claimed that the judge reads")
    return float(torch.stack(right).float().mean())


def spread(features: Tensor) -> float:
    """Mean distance of two different points of [n, d], 0 for fewer than two.

    Its expectation does not depend on n, so few drawn pictures can be set beside many real ones.
    """
    return float(torch.pdist(features).mean()) if len(features) > 1 else 0.0
