"""Every script says what it is on a terminal that lacks characters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = [
    path.stem
    for path in sorted((ROOT / "scripts").glob("*.py"))
    if "argparse" in path.read_text(encoding="utf-8")
    and '__name__ == "__main__"' in path.read_text(encoding="utf-8")
]
HELP = """
import io, runpy, sys

for name in sys.argv[1:]:
    sys.argv = [name, "--help"]
    sys.stdout = io.TextIOWrapper(io.BytesIO(), "ascii")
    try:
        runpy.run_module(f"scripts.{name}", run_name="__main__")
    except SystemExit as end:
        assert not end.code, name
    sys.stdout.flush()
    assert b"usage" in sys.stdout.buffer.getvalue(), name
"""


@pytest.mark.slow
def test_the_help_of_every_script_is_printed() -> None:
    assert len(NAMES) >= 8
    told = subprocess.run(
        [sys.executable, "-c", HELP, *NAMES],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stderr
