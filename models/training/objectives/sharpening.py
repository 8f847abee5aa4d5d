"""Decoders learn to draw sharply, while their encoders stay as they are.

Where a code leaves open what a picture shows, the least squared or absolute error is a blur. As in
Esser et al., "Taming Transformers for High-Resolution Image Synthesis", 2021, two terms ask for
pictures that look right instead: :class:`~models.training.objectives.perceptual.PerceptualLoss`,
and a critic of patches (Isola et al., "Image-to-Image Translation with Conditional Adversarial
Networks", 2017). Codes, and so the models that have learned them, stay exactly the same.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from models.parts.efficientnet import lite0
from models.training.objectives.perceptual import PerceptualLoss
from models.training.recipe import Recipe, channels_last

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.runtime.checkpoint import Card

PERCEPTUAL, ADVERSARIAL = 1.0, 0.5
"""How strongly the two terms pull at the decoder's last weights, beside the recipe's own loss."""
CALIBRATION = 64
"""Real pictures over which features are scaled."""
CRITIC_RATE = 4e-4
RAMP = 200
"""Steps until the critic, who begins knowing nothing, is heard in full."""


class PatchCritic(nn.Module):
    """Three strided convolutions and a logit for each patch of 36×36 pixels, high for real.

    Spectral normalization (Miyato et al., 2018) bounds how fast the logits change.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        widths = (3, width, 2 * width, 4 * width)
        layers: list[nn.Module] = []
        for inp, out in itertools.pairwise(widths):
            layers += [spectral_norm(nn.Conv2d(inp, out, 4, 2, padding=1)), nn.LeakyReLU(0.2)]
        layers.append(spectral_norm(nn.Conv2d(widths[-1], 1, 3, padding=1)))
        self.net = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """[n, 3, H, W] → logits [n, 1, H / 8, W / 8]."""
        out: Tensor = self.net(images)
        return out.float()


def hinge_loss(real: Tensor, drawn: Tensor) -> Tensor:
    """Of a critic, by its logits (Lim and Ye, "Geometric GAN", 2017)."""
    return F.relu(1 - real).mean() + F.relu(1 + drawn).mean()


def balanced(
    rebuilt: Tensor, loss: Tensor, terms: Sequence[Tensor], shares: Sequence[float], last: Tensor
) -> Tensor:
    """The gradient of a loss and further terms by ``rebuilt``, of the same shape.

    As in VQGAN, a term weighs as much as makes its gradient by the weights ``last`` so many times
    as long as the loss's: a critic's grows a hundredfold while it learns.

    Args:
        rebuilt: what decoders drew, [n, 3, H, W], of which loss and terms are made.
        shares: how many times, for each of the terms.
        last: weights that ``rebuilt`` was computed with.
    """
    pulls = [torch.autograd.grad(value, rebuilt)[0] for value in (loss, *terms)]
    lengths = [
        torch.autograd.grad(rebuilt, last, pull, retain_graph=True)[0].norm() for pull in pulls
    ]
    total = pulls[0]
    for share, pull, length in zip(shares, pulls[1:], lengths[1:], strict=True):
        total = total + share * lengths[0] / (length + 1e-12) * pull
    return total


class DecoderRecipe(Recipe):
    """A recipe of an encoder and a decoder in one network, ``net``, its only average.

    After :meth:`sharpen` the decoder alone goes on learning.
    """

    net: nn.Module
    looks: PerceptualLoss | None = None
    """Set by :meth:`sharpen`."""

    def sharpen(self) -> None:
        """Freeze the encoder and add the two terms to the loss."""
        self.freeze("encoder")
        self.images_per_step //= 2  # more steps in as much time; a decoder begins near its goal
        self.looks = channels_last(
            PerceptualLoss(lite0(), self.real(CALIBRATION).cpu()), self.device
        )
        decoder = self.net.get_submodule("decoder")
        self._last = [m for m in decoder.modules() if isinstance(m, nn.Conv2d)][-1].weight
        critic = channels_last(PatchCritic(), self.device)
        self.modules["critic"] = critic
        self.optimizers["critic"] = torch.optim.Adam(critic.parameters(), CRITIC_RATE, (0.0, 0.99))

    def real(self, n: int) -> Tensor:
        """Some training pictures, [n, 3, H, W], the same at every call."""
        raise NotImplementedError

    def adopt(self, weights: Mapping[str, Tensor], card: Card) -> None:
        """Start from shipped weights; a critic, if there is one, begins anew."""
        for module in (self.net, self.averages["net"].module):
            module.load_state_dict(dict(weights))

    def learn(self, images: Tensor, rebuilt: Tensor, loss: Tensor, step: int) -> dict[str, float]:
        """One step of the network down ``loss`` and, if it is being sharpened, the two terms.

        Args:
            images, rebuilt: [n, 3, H, W].
            loss: how far they are apart, and whatever else the recipe asks for.
            step: number of the step.

        Returns:
            Losses to print.
        """
        told = {"loss": loss.item()}
        if self.looks is None:
            self.descend("net", loss, step)
            return told
        critic = self.modules["critic"]
        critic.requires_grad_(False)
        with self.autocast():
            looks = self.looks(images, rebuilt)
            adversarial = -critic(rebuilt).mean()
        shares = (PERCEPTUAL, ADVERSARIAL * min(1.0, step / RAMP))
        pull = balanced(rebuilt, loss, (looks, adversarial), shares, self._last)
        self.descend("net", (rebuilt * pull).sum(), step)
        critic.requires_grad_(True)
        with self.autocast():
            both = critic(torch.cat([images, rebuilt.detach()]))
        doubt = hinge_loss(*both.chunk(2))
        self.descend("critic", doubt, step)
        return {**told, "looks": looks.item(), "critic": doubt.item()}

    def terms(self) -> dict[str, Any]:
        """What the card's ``recipe`` says of the sharpening, if there is any."""
        if self.looks is None:
            return {}
        return {
            "trained": "decoder",
            "perceptual": {"network": "EfficientNet-Lite0", "share": PERCEPTUAL},
            "adversarial": {"critic": "patches, hinge", "share": ADVERSARIAL, "rate": CRITIC_RATE},
        }
