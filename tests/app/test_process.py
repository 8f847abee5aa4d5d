"""The server as a process: it ends when told to, and needs to write nothing."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LONG = "/slides/4/play?demo=denoise&num_steps=100&seed="
QUICK = "/slides/1/play?demo=reconstruct&seed=1"
STREAM = {"Accept": "text/html, text/event-stream"}

FULL_DISK = 'ulimit -f 0; trap "" XFSZ; exec "$@"'
"""Every write to a file fails from then on."""


@contextmanager
def started(full_disk: bool = False) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The server and its port, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-B", "-m", "app", "--port", str(port)]
    process = subprocess.Popen(
        ["sh", "-c", FULL_DISK if full_disk else 'exec "$@"', "sh", *command],
        cwd=ROOT,
        env={**os.environ, "GMFT_WARM_UP": "no"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            assert process.poll() is None, "the server ended while starting"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process, port
    finally:
        process.kill()
        process.wait()


@contextmanager
def asked(port: int, path: str) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request, its body yet to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=STREAM)
    answer = connection.getresponse()
    try:
        yield answer
    finally:
        answer.close()
        connection.close()


def test_told_to_end_it_ends_its_streams_and_itself() -> None:
    with started() as (process, port), ExitStack() as stack:
        streams = [stack.enter_context(asked(port, f"{LONG}{seed}")) for seed in range(3)]
        for stream in streams:
            assert stream.status == 200
            assert stream.readline().startswith(b"data:")
        process.terminate()
        for stream in streams:
            rest = stream.read().decode()
            assert "shutting down" in rest
        process.wait(timeout=60)


def test_a_full_disk_does_not_matter() -> None:
    with started(full_disk=True) as (process, port):
        with asked(port, QUICK) as answer:
            assert answer.status == 200
            text = answer.read().decode()
        assert "data-done" in text
        assert "message-bad" not in text
        with asked(port, "/slides/3") as answer:
            assert answer.status == 200
        assert process.poll() is None
