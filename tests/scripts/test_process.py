"""What a process uses."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from scripts.process import usage
from tests.support import needs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs.proc


def test_descriptors_and_threads_are_counted(tmp_path: Path) -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    before = usage(os.getpid())
    with (tmp_path / "file").open("w"):
        thread.start()
        during = usage(os.getpid())
    end.set()
    thread.join()
    assert during.descriptors == before.descriptors + 1
    assert during.threads == before.threads + 1
    assert during.resident > 2**20
    assert during.cpu >= during.loop_cpu >= before.loop_cpu > 0


def test_a_process_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="No such file"):
        usage(2**22 + 1)
