"""Representation alignment: a denoiser's inner tokens should tell what a picture shows.

Yu et al., "Representation Alignment for Generation: Training Diffusion Transformers Is Easier Than
You Think" (REPA, 2025). A denoiser has to recognise what it draws before it can draw it well, and
its own loss, which counts pixels, teaches that slowly: a boat is few of them. Here the tokens of an
early block are asked for the features that CLIP's image encoder finds in the clean picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.parts.clip import CLIP, WIDTH

if TYPE_CHECKING:
    from models.data.dataset import Faces, Worlds
    from models.parts.denoiser import Denoiser

BLOCK = 1
"""Whose tokens are aligned, counted from 0: the later ones are left to the details."""
STAGE = 1
"""Of the image encoder, whose map has the denoiser's 8×8 places."""
ALIGNED = 0.5
"""Weight beside the denoising loss, as in the paper."""
PART = 500


class Alignment(nn.Module):
    """Reads a clean picture's features off the tokens of a denoiser that sees it noisy.

    Args:
        net: the denoiser, whose tokens are listened to from now on.
        width: of the features.
    """

    def __init__(self, net: Denoiser, width: int = WIDTH) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.Linear(net.dim, net.dim), nn.SiLU(), nn.Linear(net.dim, width))
        self._tokens: Tensor | None = None
        net.blocks[BLOCK].register_forward_hook(self._listen)

    def _listen(self, _block: nn.Module, _given: object, tokens: Tensor) -> None:
        self._tokens = tokens

    def forward(self, features: Tensor) -> Tensor:
        """Mean of 1 - cosine of what was read and what is there, a number in 0 … 2.

        Args:
            features: of the pictures that the denoiser has just seen, [n, places, width].

        Raises:
            RuntimeError: it has seen none.
        """
        if self._tokens is None:
            raise RuntimeError("the denoiser has not run yet")
        read = self.read(self._tokens).float()
        return (1 - F.cosine_similarity(read, features.float(), dim=-1)).mean()


@torch.no_grad()
def features_of(clip: CLIP, pictures: Faces | Worlds, device: str) -> Tensor:
    """What the image encoder sees at each place of each picture, float16 [n, 64, WIDTH].

    Every channel has mean 0 and variance 1 over the pictures. They stay in main memory.

    Args:
        device: of the encoder.
    """
    maps = [clip.image.stages(part.to(device))[STAGE] for part in pictures.parts(PART)]
    features = torch.cat([x.flatten(2).mT.half().cpu() for x in maps])
    sample = features[:: max(1, len(features) // 2000)].float()
    mean, deviation = sample.mean((0, 1)), sample.std((0, 1)).clamp(min=1e-4)
    for part in features.split(PART):
        part.copy_((part.float() - mean) / deviation)
    return features
