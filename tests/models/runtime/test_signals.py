"""What runs networks leaves a process's signals alone."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

INTERRUPTED = """
import gc, os, signal
import torch
from torch import nn
from models.runtime.acceleration import Fused

signal.signal(signal.SIGTERM, lambda number, frame: print("heard"))
fused = [Fused(nn.Linear(4, 4), [torch.zeros(2, 4)]) for _ in range(3)]
while fused:
    fused.pop(0)
    gc.collect()
    os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="OpenVINO is not installed"
)
def test_a_signal_is_heard_after_fused_networks_are_gone() -> None:
    command = [sys.executable, "-c", INTERRUPTED]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "heard\n" * 3), ended.stderr
