"""How many cores torch computes on, thread by thread."""

from __future__ import annotations

from threading import Lock

import torch

_SETTING = Lock()


def compute_on(cores: int) -> None:
    """Let torch use so many cores for what the calling thread computes.

    Only the engine's worker uses several: OpenMP's threads outnumber the cores otherwise, and then
    sleep between operations, which makes a step of small ones twice as slow.
    """
    with _SETTING:
        torch.set_num_threads(cores)
        # A thread takes the number at its first look, when another may have set its own.
        torch.get_num_threads()
