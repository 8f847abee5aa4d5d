"""Small untrained networks whose every weight matters."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


def randomized(module: M, seed: int = 0, std: float = 0.3) -> M:
    """Draw every parameter anew: many start at zero, which would hide what a layer does."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            fan_in = max(1, parameter[0].numel()) if parameter.ndim > 1 else 1
            scale = fan_in**-0.5 if parameter.ndim > 1 else std
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale)
    return module.eval().requires_grad_(False)


def pictures(n: int, side: int = 64, seed: int = 0) -> torch.Tensor:
    """Random images [n, 3, side, side] in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 3, side, side, generator=generator) * 2 - 1
