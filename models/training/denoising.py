"""What the pixel and the latent diffusion recipes share: their losses and caption dropout."""

from __future__ import annotations

import torch
from torch import Tensor

from models.clip import CLIP, TextFeatures
from models.data.captions import tokenizer
from models.denoiser import Denoiser
from models.diffusion import CosineSchedule

DROPOUT = 0.12
"""Share of captions replaced by the empty one, for classifier-free guidance."""


def stratified_times(n: int, device: str) -> Tensor:
    """n times that cover (0, 1) evenly, shuffled: less noise in the loss than independent draws."""
    order = torch.randperm(n, device=device)
    return (order + torch.rand(n, device=device)) / n


def drop_captions(ids: Tensor) -> Tensor:
    """Empty each caption with probability :data:`DROPOUT`."""
    empty = tokenizer().encode("").ids.to(ids.device)
    return torch.where(torch.rand(len(ids), 1, device=ids.device) < DROPOUT, empty, ids)


@torch.no_grad()
def text_features(clip: CLIP, ids: Tensor) -> TextFeatures:
    """Frozen text features of a batch of captions."""
    features: TextFeatures = clip.text(ids)
    return features


def velocity_loss(
    net: Denoiser, schedule: CosineSchedule, x0: Tensor, t: Tensor, text: TextFeatures
) -> Tensor:
    """Mean squared error of the predicted velocity, averaged over the batch."""
    epsilon = torch.randn_like(x0)
    predicted: Tensor = net(schedule.add_noise(x0, epsilon, t), t, text)
    return (predicted.float() - schedule.velocity(x0, epsilon, t)).square().mean()


def clean_loss(
    net: Denoiser, schedule: CosineSchedule, x0: Tensor, t: Tensor, text: TextFeatures
) -> Tensor:
    """Squared error of the predicted image over max(σ, 1/4)²: the velocity's error, bounded."""
    epsilon = torch.randn_like(x0)
    predicted: Tensor = net(schedule.add_noise(x0, epsilon, t), t, text)
    _, sigma = schedule.alpha_sigma(t)
    return ((predicted.float() - x0) / sigma.clamp(min=0.25)).square().mean()
