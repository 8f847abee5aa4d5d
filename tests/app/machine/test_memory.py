"""However many threads allocate, they share a few pools."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

THREADS = 8
ALLOCATE = f"""
import ctypes, threading
from app.machine.memory import share_arenas

share_arenas(3)
c = ctypes.CDLL(None)
c.malloc.restype, c.fdopen.restype = ctypes.c_void_p, ctypes.c_void_p
together = threading.Barrier({THREADS})

def allocate():
    together.wait()
    c.malloc(1000)
    together.wait()

threads = [threading.Thread(target=allocate) for _ in range({THREADS})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
out = c.fdopen(1, b"w")
c.malloc_info(0, ctypes.c_void_p(out))
c.fflush(ctypes.c_void_p(out))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
@pytest.mark.parametrize(("environment", "arenas"), [({}, 3), ({"MALLOC_ARENA_MAX": "5"}, 5)])
def test_threads_share_so_many_pools(environment: dict[str, str], arenas: int) -> None:
    own = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    told = subprocess.run(
        [sys.executable, "-c", ALLOCATE],
        env={**own, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.count("<heap nr=") == arenas
