"""What a process uses, read from Linux's /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MIB = 2**20


@dataclass(frozen=True)
class Usage:
    """What a process uses now.

    Attributes:
        resident: bytes of memory.
        descriptors: open files and sockets.
        threads: its threads.
        cpu: CPU seconds of all threads since its start.
        loop_cpu: those of its first thread, which in the app runs the event loop.
    """

    resident: int
    descriptors: int
    threads: int
    cpu: float
    loop_cpu: float


def usage(pid: int) -> Usage:
    """Look at a process.

    Raises:
        OSError: it does not exist, may not be looked at, or there is no /proc here.
    """
    folder = PROC / str(pid)
    status = dict(
        line.split(":", 1)
        for line in (folder / "status").read_text(encoding="utf-8").splitlines()
        if ":" in line
    )
    return Usage(
        resident=int(status["VmRSS"].split()[0]) * 1024,
        descriptors=len(os.listdir(folder / "fd")),
        threads=int(status["Threads"]),
        cpu=_cpu(folder / "stat"),
        loop_cpu=_cpu(folder / "task" / str(pid) / "stat"),
    )


def _cpu(path: Path) -> float:
    # The name in brackets may hold blanks; user and system ticks are the 12th and 13th after it.
    fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
