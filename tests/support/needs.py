"""What some tests need of the system they run on."""

from __future__ import annotations

from pathlib import Path

import pytest

proc = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="what a process uses is read from Linux's /proc"
)
