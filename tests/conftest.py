"""Fixtures that many tests share, and what pytest is to know of each folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
import torch
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent
SLOW = {"browser", "deploy"}
"""Folders that `make check` leaves out."""
MEASURED = {"browser", "deploy", "scripts"}
"""Folders whose tests run servers and look at the clock: never two of them at once."""

Write = Callable[[dict[str, str]], None]


class Files(LoadScopeScheduling):  # type: ignore[misc]
    """What shares fixtures stays in one process: all of ``MEASURED``, else the tests of a file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "measured" if MEASURED.intersection(PurePosixPath(file).parts[:-1]) else file


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the app does."""
    return "asyncio"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Makes packages of modules, by path, that can be imported while the test runs."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(modules: dict[str, str]) -> None:
        for name, text in modules.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for folder in (path.parent, path.parent.parent):
                if folder != tmp_path:
                    (folder / "__init__.py").touch()
            path.write_text(text)

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] in ("toy", "sketches")]:
        del sys.modules[name]


def pytest_configure() -> None:
    """Processes that run tests beside each other share the cores."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        torch.set_num_threads(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Give each process the next file."""
    return Files(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow folders; what takes longest begins first."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in SLOW:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in MEASURED)
