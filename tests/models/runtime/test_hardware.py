"""Hardware in words."""

from __future__ import annotations

import pytest
import torch

from models.runtime.hardware import hardware


def test_a_cpu_has_threads_and_a_version_of_torch() -> None:
    words = hardware()
    assert words.startswith("CPU ")
    assert f"{torch.get_num_threads()} threads, torch {torch.__version__}" in words


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_gpu_has_its_name(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    names = {"cuda": "the first card", "cuda:1": "the second card"}
    monkeypatch.setattr(torch.cuda, "get_device_name", names.__getitem__)
    assert hardware(device) == names[device]
