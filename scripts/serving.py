"""The app in a process of its own, for scripts that look at it from outside."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def serving() -> Iterator[str]:
    """The app on a free port, ready to answer; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "app", "--port", str(port)], cwd=ROOT)
    try:
        until(lambda: answers(f"{address}/healthz"), process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=15)


def answers(url: str) -> bool:
    """Whether there is a good answer at this address."""
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except OSError:
        return False
    return True


def warm(address: str) -> bool:
    """Whether every model is loaded.

    Raises:
        SystemExit: one cannot be.
    """
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as response:
            return bool(json.load(response)["warm"])
    except urllib.error.HTTPError as error:
        sys.exit(f"not ready: {'; '.join(json.load(error)['reasons'])}")


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
        time.sleep(0.02)
    sys.exit("the server did not start")
