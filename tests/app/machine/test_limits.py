"""Cores and memory are those of the process's control group, of either version, and affinity."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.machine.limits import PAGE, cores, memory

if TYPE_CHECKING:
    from pathlib import Path

V2 = "35 24 0:30 {top} /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n"
V1 = "36 24 0:31 {top} /sys/fs/cgroup/{name} rw - cgroup cgroup rw,{name}\n"
GIB = 2**30


class Machine:
    """A folder that looks like the root of a Linux machine with 8 GiB of memory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("proc/meminfo", "MemTotal: 8388608 kB\nMemFree: 1 kB\n")
        self.write("proc/self/statm", "9000 700 30 1 0 800 0\n")

    def write(self, path: str, text: object) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}", encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Such a machine, with eight cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    return Machine(tmp_path)


def test_without_control_groups_the_machine_is_ours(machine: Machine) -> None:
    assert cores(machine.root) == 8
    found = memory(machine.root)
    assert (found.process, found.group, found.limit) == (700 * PAGE, None, None)


def test_where_nothing_is_told_nothing_is_known(tmp_path: Path) -> None:
    assert cores(tmp_path) >= 1
    assert memory(tmp_path).process is None


def test_affinity_counts_without_a_quota(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5}, raising=False)
    assert cores(machine.root) == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert cores(machine.root) == 6


@pytest.mark.parametrize(
    ("quota", "count"),
    [("max 100000", 8), ("100000 100000", 1), ("50000 100000", 1), ("250000 100000", 3)],
)
def test_a_quota_of_version_2_counts(machine: Machine, quota: str, count: int) -> None:
    machine.write("proc/self/cgroup", "0::/\n")
    machine.write("proc/self/mountinfo", V2.format(top="/"))
    machine.write("sys/fs/cgroup/cpu.max", quota)
    assert cores(machine.root) == count


def test_a_limit_of_a_group_above_counts(machine: Machine) -> None:
    machine.write("proc/self/cgroup", "0::/school/deck\n")
    machine.write("proc/self/mountinfo", V2.format(top="/"))
    machine.write("sys/fs/cgroup/school/cpu.max", "200000 100000")
    machine.write("sys/fs/cgroup/school/memory.max", 3 * GIB)
    machine.write("sys/fs/cgroup/school/memory.current", 2 * GIB)
    machine.write("sys/fs/cgroup/school/memory.stat", f"anon 5\ninactive_file {GIB}\n")
    machine.write("sys/fs/cgroup/school/deck/cpu.max", "max 100000")
    machine.write("sys/fs/cgroup/school/deck/memory.max", "max")
    machine.write("sys/fs/cgroup/school/deck/memory.current", GIB // 2)
    assert cores(machine.root) == 2
    assert (memory(machine.root).group, memory(machine.root).limit) == (GIB, 3 * GIB)


@pytest.mark.parametrize("top", ["/", "/docker/abc"])
def test_version_1_counts_also_where_a_container_sees_only_its_own_tree(
    machine: Machine, top: str
) -> None:
    inside = "docker/abc/" if top == "/" else ""
    machine.write("proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n")
    mounts = "".join(V1.format(top=top, name=name) for name in ("cpu", "memory"))
    machine.write("proc/self/mountinfo", mounts)
    machine.write(f"sys/fs/cgroup/cpu/{inside}cpu.cfs_quota_us", 150_000)
    machine.write(f"sys/fs/cgroup/cpu/{inside}cpu.cfs_period_us", 100_000)
    machine.write(f"sys/fs/cgroup/memory/{inside}memory.limit_in_bytes", 2 * GIB)
    machine.write(f"sys/fs/cgroup/memory/{inside}memory.usage_in_bytes", GIB)
    assert cores(machine.root) == 2
    assert (memory(machine.root).group, memory(machine.root).limit) == (GIB, 2 * GIB)


def test_no_limit_is_none(machine: Machine) -> None:
    machine.write("proc/self/cgroup", "5:cpu:/\n4:memory:/\n0::/\n")
    mounts = V2.format(top="/") + "".join(V1.format(top="/", name=n) for n in ("cpu", "memory"))
    machine.write("proc/self/mountinfo", mounts)
    machine.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", -1)
    machine.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", 100_000)
    machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", 9223372036854771712)
    machine.write("sys/fs/cgroup/memory/memory.usage_in_bytes", GIB)
    assert cores(machine.root) == 8
    assert (memory(machine.root).group, memory(machine.root).limit) == (GIB, None)


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is told on Linux")
def test_a_process_on_one_core_has_one() -> None:
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    code += "from app.machine.limits import cores, memory; print(cores(), memory().process > 0)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert told.stdout.split() == ["1", "True"]
