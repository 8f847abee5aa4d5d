"""How many cores and how much memory the process may use, which in a container or under a batch
system is less than the machine has.

Linux gives both to control groups, version 1 or 2
(https://docs.kernel.org/admin-guide/cgroup-v2.html); a limit of any group above holds too.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True)
class Memory:
    """Bytes in use; ``None`` where the system does not say.

    Attributes:
        process: resident memory of this process.
        group: memory of its control group without files that can be dropped at once.
        limit: what the group may use.
    """

    process: int | None
    group: int | None
    limit: int | None


def cores(root: Path = ROOT) -> int:
    """Cores the process may use: of its affinity, no more than its group's quota, at least one."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return max(1, min([count, *(math.ceil(quota) for quota in _quotas(root))]))


def memory(root: Path = ROOT) -> Memory:
    """Memory of the process, and of the group above it whose limit is the lowest."""
    pages = _words(root / "proc/self/statm")
    process = int(pages[1]) * PAGE if len(pages) > 1 else None
    groups = list(_memory_groups(root))
    limited = [known for known in groups if known[1] < _machine(root)]
    if limited:
        used, limit = min(limited, key=lambda known: known[1])
        return Memory(process, used, int(limit))
    return Memory(process, groups[0][0] if groups else None, None)


def _quotas(root: Path) -> Iterator[float]:
    for folder in _groups(root, ""):
        quota, *period = _words(folder / "cpu.max") or ["max"]
        if quota != "max":
            yield int(quota) / int(period[0])
    for folder in _groups(root, "cpu"):
        quota_us, period_us = (_number(folder / f"cpu.cfs_{n}_us") for n in ("quota", "period"))
        if quota_us is not None and quota_us > 0 and period_us:
            yield quota_us / period_us


def _memory_groups(root: Path) -> Iterator[tuple[int, float]]:
    """Bytes used and allowed, of the process's group first."""
    for controller, usage, allowed, cached in (
        ("", "memory.current", "memory.max", "inactive_file"),
        ("memory", "memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file"),
    ):
        for folder in _groups(root, controller):
            used, limit = _number(folder / usage), _number(folder / allowed)
            if used is not None:
                words = _words(folder / "memory.stat")
                stats = dict(zip(words[::2], words[1::2], strict=False))
                used = max(0, used - int(stats.get(cached, 0)))
                yield used, math.inf if limit is None else limit


def _machine(root: Path) -> float:
    words = _words(root / "proc/meminfo")  # MemTotal: 16384 kB …
    return 1024 * int(words[1]) if len(words) > 1 else math.inf


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Folders of the process's group and of those above it, as far as they can be seen.

    Args:
        controller: of version 1, or empty for version 2.
    """
    path = _path(root, controller)
    for top, mount in _mounts(root, controller) if path is not None else ():
        # Of a container's own tree only a part may be mounted, and its path is the host's.
        inside = path.removeprefix(top.rstrip("/")) if path else ""
        folder = mount / inside.strip("/")
        while folder != mount:
            if folder.is_dir():
                yield folder
            folder = folder.parent
        yield mount


def _path(root: Path, controller: str) -> str | None:
    """The process's group, from /proc/self/cgroup: ``id:controllers:path``."""
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path
    return None


def _mounts(root: Path, controller: str) -> Iterator[tuple[str, Path]]:
    """Mounted trees: their top within the hierarchy, and where it is mounted."""
    for line in _lines(root / "proc/self/mountinfo"):
        mount, _, system = line.partition(" - ")
        kind, _, options = system.split(" ", 2)
        top, place = mount.split(" ")[3:5]
        controllers = options.split(",") if kind == "cgroup" else [""]
        if kind in ("cgroup", "cgroup2") and controller in controllers:
            yield top, root / place.lstrip("/")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()


def _number(path: Path) -> int | None:
    """A file's only number; ``None`` without one, as for ``max``."""
    words = _words(path)
    return int(words[0]) if words and words[0].lstrip("-").isdigit() else None
