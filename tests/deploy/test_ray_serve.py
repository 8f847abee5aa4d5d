"""The deck under Ray Serve: a replica is killed, and Plays go on."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.support import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 120
KEY = "one-for-all-replicas"
pytestmark = [needs.proc, pytest.mark.timeout(6 * PATIENCE)]


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.2)


@dataclass
class Cluster:
    """A running ``python -m deploy.ray_serve``."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def replicas(self) -> set[int]:
        """Processes of the app; found by the key in what they were started with."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                ours = KEY.encode() in (folder / "environ").read_bytes()
            except OSError:
                continue  # ended meanwhile
            if ours and command.startswith(b"ray::ServeReplica"):
                found.add(int(folder.name))
        return found

    def play(self, seed: int) -> httpx2.Response:
        """Press Play and read the stream to its end."""
        query = {"demo": "denoise", "num_steps": "4", "seed": str(seed)}
        headers = {"accept": "text/event-stream"}
        url = f"http://127.0.0.1:{self.port}/slides/4/play"
        return httpx2.get(url, params=query, headers=headers, timeout=PATIENCE)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two replicas on this machine."""
    log = tmp_path_factory.mktemp("ray") / "log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PORT": str(port), "GMFT_PRESENTER_KEY": KEY, "GMFT_WARM_UP": "no"}
    command = [sys.executable, "-m", "deploy.ray_serve", "--replicas", "2"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        _until(
            lambda: process.poll() is not None or b"The deck is at" in log.read_bytes(),
            "two replicas",
        )
        assert process.poll() is None, log.read_text()
        yield Cluster(port, process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def assert_complete(answer: httpx2.Response) -> None:
    """The stream's last frame says that it is done, and its pictures are there."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "data:image/" in answer.text
    assert "data-done" in answer.text


def test_a_replica_dies_and_the_next_play_succeeds(cluster: Cluster) -> None:
    before = cluster.replicas()
    assert len(before) == 2
    first = cluster.play(seed=1)
    assert_complete(first)
    os.kill(min(before), signal.SIGKILL)
    for seed in range(2, 6):
        assert_complete(cluster.play(seed))
    _until(lambda: len(cluster.replicas()) == 2, "another replica in the dead one's place")
    assert cluster.replicas() != before


def test_replicas_are_as_urgent_as_other_processes(cluster: Cluster) -> None:
    mine = os.getpriority(os.PRIO_PROCESS, os.getpid())
    replicas = cluster.replicas()
    assert replicas
    assert {os.getpriority(os.PRIO_PROCESS, replica) for replica in replicas} == {mine}


def test_every_replica_draws_the_same_play_alike(cluster: Cluster) -> None:
    drawn = {tuple(re.findall(r"data:image/[^\"]+", cluster.play(7).text)) for _ in range(4)}
    assert len(drawn) == 1
    assert len(drawn.pop()) > 4


def test_the_presenter_is_known_to_every_replica(cluster: Cluster) -> None:
    url = f"http://127.0.0.1:{cluster.port}/presenter?key="
    answers = [httpx2.get(url + key, timeout=PATIENCE) for key in [KEY] * 4 + ["wrong"]]
    assert [a.status_code for a in answers] == [303] * 4 + [403]
