"""The app in a process of its own, for scripts that look at it from outside."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
WARM_SECONDS = 180


@dataclass(frozen=True)
class Server:
    """A running app: its address and the number of its process."""

    address: str
    pid: int


@contextmanager
def server(environment: Mapping[str, str] | None = None, folder: Path = ROOT) -> Iterator[Server]:
    """The app on a free port of this machine, ready to answer.

    Args:
        environment: variables set for it on top of this process's own.
        folder: the project, or a copy of what it needs.

    Raises:
        SystemExit: it ended, or gave no answer in time.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--host", "127.0.0.1", "--port", str(port)],
        cwd=folder,
        env={**os.environ, **(environment or {})},
    )
    try:
        until(lambda: answers(f"{address}/healthz"), process)
        yield Server(address, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=15)


@contextmanager
def serving(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Only the address of such a :func:`server`."""
    with server(environment) as running:
        yield running.address


def answers(url: str) -> bool:
    """Whether there is a good answer at this address."""
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def warm(address: str, stage: str = "prepared") -> bool:
    """Whether the warm-up is done.

    Args:
        stage: ``warm``: every model is in memory; ``prepared``: and as fast as it will be.

    Raises:
        SystemExit: a model cannot be loaded.
    """
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as response:
            return bool(json.load(response)[stage])
    except urllib.error.HTTPError as error:
        sys.exit(f"not ready: {'; '.join(json.load(error)['reasons'])}")


def warmed(address: str) -> None:
    """Return when the warm-up is done, which may take minutes where cores are few.

    Raises:
        SystemExit: a model cannot be loaded, or it was not done in time.
    """
    until(lambda: warm(address), seconds=WARM_SECONDS)


def until(
    met: Callable[[], bool], process: subprocess.Popen[bytes] | None = None, seconds: float = 60
) -> None:
    """Return when a condition is met.

    Raises:
        SystemExit: the process ended, or the condition was not met in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end and (process is None or process.poll() is None):
        if met():
            return
        time.sleep(0.05)
    sys.exit("the server did not start")
