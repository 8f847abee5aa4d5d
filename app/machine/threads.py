"""What the threads that compute may take: so many cores, and only what those that serve leave."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from threading import Lock, get_native_id

import torch

NICE = 5
"""How far a computing thread steps back from where the process is; 19 is the lowest."""
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


def give_way() -> None:
    """Let threads that serve go before the calling one and before all that it begins.

    Those that compute would else hold up every answer by their share of the core. Where threads
    have no priority of their own, which is everywhere but on Linux, or where it may not be
    changed, nothing changes.
    """
    if sys.platform == "linux":
        thread = get_native_id()
        lower = os.getpriority(os.PRIO_PROCESS, thread) + NICE  # the server may be nice itself
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, lower)
