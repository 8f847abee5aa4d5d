"""What the C library may keep of the memory that threads have freed."""

from __future__ import annotations

import ctypes
import os
import sys

ARENAS = 2
"""Pools that threads allocate from. Of glibc's default, eight a core, more is left in use."""
_M_ARENA_MAX = -8  # of glibc's malloc.h


def share_arenas(arenas: int = ARENAS) -> None:
    """Let all threads to come allocate from so few pools, each of which keeps what it was given.

    Nothing changes where ``MALLOC_ARENA_MAX`` says otherwise, or the C library is not glibc.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, arenas)
