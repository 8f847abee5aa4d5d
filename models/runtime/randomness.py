"""Random numbers of requests: an independent stream for every seed, row and purpose.

A row's numbers depend on (seed, row, stream) alone, so the first four of sixteen images are the
four images of a request for four, and no seed repeats a part of another's numbers.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.runtime.sampler import Request


def generator(seed: int, row: int, stream: str) -> torch.Generator:
    """A generator on the CPU, so that devices agree.

    It is seeded by a hash, so that neighbours have nothing in common. Torch's generator takes 32
    bits of it: two streams are equal by chance alone, one pair in four billion.

    Args:
        seed, row: of the request and of the image in it.
        stream: what the numbers are for.
    """
    digest = blake2b(f"{seed}/{row}/{stream}".encode(), digest_size=4).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little"))


def normal(generators: Sequence[torch.Generator], *shape: int) -> Tensor:
    """Standard normal [n, *shape], the next numbers of each of n generators."""
    return _rows(torch.randn, generators, shape)


def noise(request: Request[Any], *shape: int, stream: str = "noise") -> Tensor:
    """Standard normal [n, *shape]."""
    return _rows(torch.randn, _each(request, stream), shape)


def uniforms(request: Request[Any], *shape: int, stream: str = "uniforms") -> Tensor:
    """Uniform in [0, 1), [n, *shape]."""
    return _rows(torch.rand, _each(request, stream), shape)


def _each(request: Request[Any], stream: str) -> list[torch.Generator]:
    return [generator(request.seed, row, stream) for row in range(request.n)]


def _rows(
    draw: Callable[..., Tensor], generators: Sequence[torch.Generator], shape: tuple[int, ...]
) -> Tensor:
    drawn = torch.stack([draw(shape, generator=own, device="cpu") for own in generators])
    return drawn.to(torch.get_default_device())


def pick(probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Draw from each row's distribution by inverting its cumulative sum.

    Args:
        probabilities: [n, k].
        uniform: what decides, [n] in [0, 1).

    Returns:
        Indices 0 … k - 1, int64 [n].
    """
    cumulative = probabilities.double().cumsum(1)
    point = uniform[:, None].double() * cumulative[:, -1:]
    index = torch.searchsorted(cumulative, point, right=True)
    return index.clamp(max=probabilities.shape[1] - 1)[:, 0]
