"""What the pixel and the latent diffusion recipes share: their losses and caption dropout."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from models.data.captions import tokenizer
from models.families.diffusion import CosineSchedule
from models.families.flow_matching import StraightPath
from models.parts.clip import CLIP, TextFeatures
from models.parts.denoiser import Denoiser

DROPOUT = 0.12
"""Share of captions replaced by the empty one, for classifier-free guidance."""
STRESS = 0.25
"""Share of times close to pure noise."""


class Batch(NamedTuple):
    """What one step learns from.

    Attributes:
        x0: clean images or latents [n, channels, H, W].
        text: features of their captions.
        weight: of the loss, [n, 1, H, W] with mean 1, or None for all places alike.
    """

    x0: Tensor
    text: TextFeatures
    weight: Tensor | None = None


def stratified_times(n: int, device: str) -> Tensor:
    """n times that cover (0, 1) evenly, shuffled: less noise in the loss than independent draws."""
    order = torch.randperm(n, device=device)
    return (order + torch.rand(n, device=device)) / n


def stress_start(u: Tensor) -> tuple[Tensor, Tensor]:
    """Set a quarter of the times aside for t in 0.9 … 1, where a sampler begins.

    What large areas show, above all their colour, is visible through any lesser noise: only there
    must it come from the prompt. Evenly drawn times would teach it from one image in ten.

    Args:
        u: times in (0, 1), [n].

    Returns:
        Those set aside, bool [n], and times in which the rest covers (0, 1) again.
    """
    early = u > 1 - STRESS
    return early, torch.where(early, 1 - 0.1 * (1 - u) / STRESS, u / (1 - STRESS))


def logit_normal(u: Tensor, mean: float, deviation: float) -> Tensor:
    """Times in (0, 1) whose logits are normal, from uniform ones [n] (SD3, section 3.1)."""
    return torch.sigmoid(mean + deviation * torch.special.ndtri(u.clamp(1e-6, 1 - 1e-6)))


def drop_captions(ids: Tensor) -> Tensor:
    """Empty each caption with probability :data:`DROPOUT`."""
    empty = tokenizer().encode("").ids.to(ids.device)
    return torch.where(torch.rand(len(ids), 1, device=ids.device) < DROPOUT, empty, ids)


@torch.no_grad()
def text_features(clip: CLIP, ids: Tensor) -> TextFeatures:
    """Frozen text features of a batch of captions."""
    features: TextFeatures = clip.text(ids)
    return features


def velocity_loss(net: Denoiser, schedule: CosineSchedule, batch: Batch, t: Tensor) -> Tensor:
    """Mean squared error of the predicted velocity, weighted as the batch says."""
    x0, text, weight = batch
    epsilon = torch.randn_like(x0)
    predicted: Tensor = net(schedule.add_noise(x0, epsilon, t), t, text)
    error = (predicted.float() - schedule.velocity(x0, epsilon, t)).square()
    return (error if weight is None else weight * error).mean()


def clean_loss(net: Denoiser, schedule: CosineSchedule, batch: Batch, t: Tensor) -> Tensor:
    """Squared error of the predicted image over max(σ, 1/10)²: the velocity's error, bounded."""
    x0, text, _ = batch
    epsilon = torch.randn_like(x0)
    predicted: Tensor = net(schedule.add_noise(x0, epsilon, t), t, text)
    _, sigma = schedule.alpha_sigma(t)
    return ((predicted.float() - x0) / sigma.clamp(min=0.1)).square().mean()


def straight_loss(net: Denoiser, batch: Batch, t: Tensor) -> Tensor:
    """Squared error of the velocity that the predicted image implies, t bounded by 1/20 below.

    Li & He ("Back to Basics", 2025) predict the image and weigh it as a velocity in the same way.
    """
    x0, text, _ = batch
    epsilon = torch.randn_like(x0)
    predicted: Tensor = net(StraightPath().add_noise(x0, epsilon, t), t, text)
    return ((predicted.float() - x0) / t.clamp(min=0.05)[:, None, None, None]).square().mean()
