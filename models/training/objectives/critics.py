"""Critics that see a GAN's pictures through the eyes of a trained encoder.

"Projected GANs Converge Faster" (Sauer et al., 2021): a discriminator that must first learn to see
says little about what is drawn. Small critics on the maps of a frozen image encoder, here CLIP's,
show a young generator at once which eyes, hair or backgrounds it never draws. They are needed for
training alone; the discriminator of pixels stays, since the encoder sees 32×32 of them.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.families.gan import EqualConv, EqualLinear
from models.parts.clip import WIDTH, ImageEncoder

GROUP = 8
"""Pictures whose spread a critic sees together."""


class MapCritic(nn.Module):
    """Convolutions from a map of features to one logit, high for real.

    Args:
        channels, side: of the map.
        width: of the convolutions.
    """

    def __init__(self, channels: int, side: int, width: int = 64) -> None:
        super().__init__()
        self.mix = EqualConv(channels, width, 1)
        halvings = (side // 4).bit_length() - 1
        self.convs = nn.ModuleList(EqualConv(width, width) for _ in range(halvings))
        self.hidden = EqualLinear(width * 16, 128)
        self.score = EqualLinear(128, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[n, channels, side, side] → logits [n]."""
        x = F.leaky_relu(self.mix(x), 0.2)
        for conv in self.convs:
            x = F.avg_pool2d(F.leaky_relu(conv(x), 0.2), 2) * 2  # a mean varies less
        out: Tensor = self.score(F.leaky_relu(self.hidden(x.flatten(1)), 0.2))[:, 0]
        return out


class SpreadCritic(nn.Module):
    """Reads the encoder's answer, and how much it varies over a group of pictures.

    Minibatch deviation (Karras et al., "Progressive Growing of GANs", 2018), of each value.
    """

    def __init__(self, values: int = WIDTH, width: int = 256) -> None:
        super().__init__()
        self.first = EqualLinear(2 * values, width)
        self.second = EqualLinear(width, width)
        self.score = EqualLinear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[n, values], n a multiple of the group → logits [n]."""
        groups = x.unflatten(0, (-1, min(GROUP, len(x))))
        spread = (groups.var(1, correction=0) + 1e-6).sqrt()[:, None].expand_as(groups)
        x = torch.cat([groups, spread], -1).flatten(0, 1)
        x = F.leaky_relu(self.first(x), 0.2)
        out: Tensor = self.score(F.leaky_relu(self.second(x), 0.2))[:, 0]
        return out


class Critics(nn.Module):
    """One critic for each stage of a frozen encoder.

    Args:
        encoder: it is frozen.
        faces: real ones [n, 3, H, W], over which each channel of a stage gets mean 0 and
            deviation 1.
    """

    def __init__(self, encoder: ImageEncoder, faces: Tensor) -> None:
        super().__init__()
        self.encoder = encoder.requires_grad_(False).eval()
        with torch.no_grad():
            stages = encoder.stages(faces)
        self.critics = nn.ModuleList(
            MapCritic(s.shape[1], s.shape[2]) if s.ndim == 4 else SpreadCritic(s.shape[1])
            for s in stages
        )
        for i, s in enumerate(stages):
            over = (0, *range(2, s.ndim))
            self.register_buffer(f"mean_{i}", s.mean(over, keepdim=True))
            self.register_buffer(f"deviation_{i}", s.std(over, keepdim=True) + 1e-4)

    def see(self, images: Tensor) -> list[Tensor]:
        """[n, 3, H, W] → standardized features of every stage."""
        stages = self.encoder.stages(images)
        return [
            (s - self.get_buffer(f"mean_{i}")) / self.get_buffer(f"deviation_{i}")
            for i, s in enumerate(stages)
        ]

    def forward(self, *features: Tensor) -> Tensor:
        """Features of every stage → logits [critics, n]."""
        logits = [critic(x).float() for critic, x in zip(self.critics, features, strict=True)]
        return torch.stack(logits)
