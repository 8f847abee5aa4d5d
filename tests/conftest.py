"""Fixtures that many tests share, and what pytest is to know of each folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

TESTS = Path(__file__).parent
SLOW = {"browser", "deploy"}
"""Folders that `make check` leaves out."""
MEASURED = {"browser", "deploy", "scripts"}
"""Folders whose tests run servers and look at the clock: never two of them at once."""


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the app does."""
    return "asyncio"


def pytest_configure() -> None:
    """Processes that run tests beside each other share the cores."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        torch.set_num_threads(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares fixtures stays in one process: the files of ``MEASURED``, else each file.

    The former are the longest, so they begin first.
    """
    for item in items:
        place = item.path.relative_to(TESTS)
        if place.parts[0] in SLOW:
            item.add_marker(pytest.mark.slow)
        group = "measured" if place.parts[0] in MEASURED else place.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in MEASURED)
