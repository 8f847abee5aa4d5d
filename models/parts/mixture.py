"""Mixtures of logistics as monotone maps of single values (Flow++, Ho et al., 2019).

A pixel of a photo is rarely Gaussian: it is background or not, bright or dark. Through the
cumulative distribution F of a mixture of logistics, and the logit after it, all its modes become
one,

    u = log F(x) - log(1 - F(x)),    log du/dx = log f(x) - log F(x) - log(1 - F(x)),

where f is the mixture's density. u is logistic if x is a draw of the mixture.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

HALVINGS = 32
"""Of the interval that holds the inverse: float32 resolves nothing finer."""
SHARPEST = -8.0
"""Least log-scale: a twentieth of the step between two 8-bit levels in [-1, 1]."""


@dataclass(frozen=True)
class Mixture:
    """One mixture of k logistics for every value.

    Attributes:
        log_weights: of the components, […, k], normalized.
        means, log_scales: of each, […, k].
    """

    log_weights: Tensor
    means: Tensor
    log_scales: Tensor

    @classmethod
    def of(cls, raw: Tensor, components: int) -> Mixture:
        """From what a network gives, […, 3 · components] without bounds."""
        weights, means, scales = raw.split(components, dim=-1)
        return cls(weights.log_softmax(-1), means, scales.clamp(min=SHARPEST))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x […] → u and log du/dx of the same shape."""
        logits = (x[..., None] - self.means) * torch.exp(-self.log_scales)
        left, right = F.logsigmoid(logits), F.logsigmoid(-logits)
        below = torch.logsumexp(self.log_weights + left, -1)
        above = torch.logsumexp(self.log_weights + right, -1)
        density = torch.logsumexp(self.log_weights + left + right - self.log_scales, -1)
        return below - above, density - below - above

    def inverse(self, u: Tensor) -> Tensor:
        """u […] → x, by bisection: a mixture's quantile lies between those of its components.

        On either side of the median the lesser of F and 1 - F is compared, which keeps its digits.
        """
        quantiles = self.means + u[..., None] * torch.exp(self.log_scales)
        low, high = quantiles.amin(-1), quantiles.amax(-1)
        left = u <= 0
        sign = torch.where(left, 1.0, -1.0)[..., None]
        weights, steepness = self.log_weights.exp(), sign * torch.exp(-self.log_scales)
        aim = torch.sigmoid(-u.abs())
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            mass = (weights * torch.sigmoid((middle[..., None] - self.means) * steepness)).sum(-1)
            below = (mass < aim) == left
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return (low + high) / 2
