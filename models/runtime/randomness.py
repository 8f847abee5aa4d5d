"""Random numbers that depend on what they are for, and on nothing else."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """What a row's random numbers decide; each use has numbers of its own."""

    START = 0
    """Where a draw begins: noise that becomes an image, or a latent."""
    STEPS = 1
    """What a step adds, as DDPM's does."""
    MAPS = 2
    """Noise beside the latent, as StyleGAN's."""
    CHOICES = 3
    """Uniform numbers that pick from distributions."""
    LEVELS = 4
    """Dequantization of 8-bit pixels."""


def generator(seed: int, row: int, stream: Stream) -> torch.Generator:
    """The CPU generator of one use of one row of a request, the same on every machine.

    The three numbers are hashed (numpy's ``SeedSequence``, after O'Neill's ``seed_seq_fe``), so
    that no sum of seeds and rows makes two streams equal. Torch keeps 32 bits of a seed: any two
    streams are the same with a chance of 2⁻³², whatever their numbers.

    Args:
        seed: of the request, 0 or more.
        row: of the image in the request, from 0.
        stream: what the numbers are for.

    Raises:
        ValueError: seed or row below 0.
    """
    if seed < 0 or row < 0:
        raise ValueError(f"seed and row are 0 or more, not {seed} and {row}")
    words = np.random.SeedSequence((seed, row, int(stream))).generate_state(1, np.uint32)
    return torch.Generator().manual_seed(int(words[0]))
