"""OpenVINO converts a network without telling anybody, even where its telemetry is installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TELEMETRY = """
from pathlib import Path

Path(__file__).with_name("told").touch()


class Telemetry:
    def __init__(self, *args, **kwargs):
        pass

    def tell(self, *args, **kwargs):
        pass

    start_session = end_session = send_event = send_error = send_stack_trace = tell
    force_shutdown = tell
"""
CONVERT = """
import torch
from torch import nn
from models.runtime.acceleration import Fused

x = torch.ones(1, 2)
print(Fused(nn.ReLU(), [x], 1)(x).tolist())
"""


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="OpenVINO is not installed"
)
def test_telemetry_is_off_where_it_is_installed(tmp_path: Path) -> None:
    package = tmp_path / "openvino_telemetry"
    package.mkdir()
    (package / "__init__.py").write_text(TELEMETRY, encoding="utf-8")
    (package / "backend.py").write_text("backend_ga4 = None\n", encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", CONVERT],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert told.stdout.split("\n")[0] == "[[1.0, 1.0]]", told.stderr
    assert not (package / "told").exists()
