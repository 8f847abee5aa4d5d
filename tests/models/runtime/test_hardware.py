"""Hardware in words."""

from __future__ import annotations

import pytest
import torch

from models.runtime.hardware import hardware


def test_a_cpu_has_threads_and_a_version_of_torch() -> None:
    words = hardware()
    assert words.startswith("CPU ")
    assert words.endswith(f"torch {torch.__version__}")


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_gpu_has_its_name(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    names = {"cuda": "the first card", "cuda:1": "the second card"}
    monkeypatch.setattr(torch.cuda, "get_device_name", names.__getitem__)
    assert hardware(device) == names[device]


@pytest.mark.parametrize(("count", "words"), [(1, ", 1 thread,"), (2, ", 2 threads,")])
def test_threads_are_counted(monkeypatch: pytest.MonkeyPatch, count: int, words: str) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: count)
    assert words in hardware()
