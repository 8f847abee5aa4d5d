"""Which precision is fast on this processor? Measured, never assumed.

bfloat16 halves the time of a step where the processor multiplies it (AMX, AVX512-BF16)
and is up to fifty times slower where it is emulated; a few builds even round it wrongly.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F

from models.runtime.timing import best_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

GAIN = 0.8
"""bfloat16 is chosen if it takes less than this share of float32's time."""
REPEATS = 20
"""A product takes a millisecond, which at a busy start other threads often interrupt."""
TOLERANCE = 0.02
"""And if its error, relative to the result's root mean square, is below this."""


@cache
def fast_dtype(device: str = "cpu") -> torch.dtype:
    """bfloat16 if a matrix product and a convolution are faster in it and right, else float32.

    Takes about a tenth of a second; the answer is kept.
    """
    if device == "meta":  # nothing is computed there
        return torch.float32
    seconds, results = zip(*(_try(device, d) for d in (torch.float32, torch.bfloat16)), strict=True)
    right = all(_close(a, b) for a, b in zip(*results, strict=True))
    return torch.bfloat16 if right and seconds[1] < GAIN * seconds[0] else torch.float32


def autocast(device: str = "cpu") -> AbstractContextManager[Any]:
    """Products and convolutions in bfloat16 where that is :func:`fast_dtype`'s choice."""
    if fast_dtype(device) is torch.float32:
        return nullcontext()
    return torch.autocast(torch.device(device).type, torch.bfloat16)


def fast(network: Callable[..., Tensor], *inputs: Any) -> Tensor:
    """What a network answers, computed under :func:`autocast` where it computes, as float32."""
    with autocast(torch.get_default_device().type):
        return network(*inputs).float()


def _try(device: str, dtype: torch.dtype) -> tuple[float, list[Tensor]]:
    """The best time of both operations, and what they gave."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(device, dtype)

    a, b = normal(512, 256), normal(256, 256)
    x = normal(8, 64, 16, 16).contiguous(memory_format=torch.channels_last)
    kernel = normal(64, 64, 3, 3).contiguous(memory_format=torch.channels_last)
    answers: list[Tensor] = []

    def both(_: int) -> None:
        results = [a @ b, F.conv2d(x, kernel, padding=1)]
        answers[:] = [r.float().cpu() for r in results]  # waits for an accelerator

    with torch.inference_mode():
        return best_seconds(both, REPEATS), answers


def _close(exact: Tensor, rounded: Tensor) -> bool:
    error = (exact - rounded).square().mean().sqrt()
    return bool(error < TOLERANCE * exact.square().mean().sqrt())
