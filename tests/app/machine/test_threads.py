"""A thread computes on the cores that it was given, whatever others are given, and gives way."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import get_native_id

import pytest
import torch

from app.machine.threads import NICE, compute_on, give_way


def test_a_thread_keeps_its_own_number_of_cores() -> None:
    before = torch.get_num_threads()
    with ThreadPoolExecutor(1) as worker, ThreadPoolExecutor(1) as drawer:
        worker.submit(compute_on, 3).result()
        drawer.submit(compute_on, 1).result()
        assert worker.submit(torch.get_num_threads).result() == 3
        assert drawer.submit(torch.get_num_threads).result() == 1
        worker.submit(compute_on, 2).result()
        assert worker.submit(torch.get_num_threads).result() == 2
        assert drawer.submit(torch.get_num_threads).result() == 1
    assert torch.get_num_threads() == before


def nice() -> int:
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities only on Linux")
def test_a_thread_gives_way_and_so_do_those_that_it_begins() -> None:
    def in_a_thread_of_its_own() -> int:
        with ThreadPoolExecutor(1) as begun:
            return begun.submit(nice).result()

    before = nice()
    with ThreadPoolExecutor(1) as worker:
        worker.submit(give_way).result()
        assert worker.submit(nice).result() == min(before + NICE, 19)
        assert worker.submit(in_a_thread_of_its_own).result() == min(before + NICE, 19)
    assert nice() == before


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities only on Linux")
def test_a_thread_that_may_not_change_its_priority_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: int) -> None:
        raise PermissionError("not here")

    monkeypatch.setattr(os, "setpriority", refuse)
    before = nice()
    give_way()
    assert nice() == before
