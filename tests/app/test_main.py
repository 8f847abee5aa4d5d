"""``python -m app``: what it says on any terminal, and where it says it is."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SECONDS = 60
TERMINALS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "cp437": {"PYTHONIOENCODING": "cp437"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def environment(**variables: str) -> dict[str, str]:
    """This process's own, without what says where to listen."""
    own = {name: text for name, text in os.environ.items() if name not in ("HOST", "PORT")}
    return {**own, "GMFT_WARM_UP": "no", **variables}


def run(*options: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """The server, which is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "app", *options],
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("terminal", TERMINALS)
def test_help_is_printed_on_every_terminal(terminal: str) -> None:
    told = run("--help", **TERMINALS[terminal])
    assert (told.returncode, told.stderr) == (0, b"")
    assert b"GMFT_PRESENTER_KEY" in told.stdout


def test_a_character_that_the_terminal_lacks_becomes_a_question_mark() -> None:
    code = "from app.machine.terminal import print_anywhere; print_anywhere(); print('8×8 …')"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    assert told.stdout.split() == [b"8?8", b"?"]


@pytest.mark.parametrize(
    ("options", "variables", "words"),
    [
        (["--port", "99999"], {}, "PORT must be a whole number from 0 to 65535"),
        (["--port", "-1"], {}, "PORT must be a whole number from 0 to 65535"),
        ([], {"GMFT_MAX_ACTIVE": "0"}, "GMFT_MAX_ACTIVE must be a whole number from 1"),
        (["--deck", "/no/deck.toml"], {}, "GMFT_DECK must be a file that exists, not '/no/deck"),
        ([], {"HOST": "x86_64-conda-linux-gnu"}, "HOST is 'x86_64-conda-linux-gnu'"),
        ([], {"PORT": "TAKEN"}, "which another program uses"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(
    options: list[str], variables: dict[str, str], words: str
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        taken = str(other.getsockname()[1])
        told = run(*options, **{k: v.replace("TAKEN", taken) for k, v in variables.items()})
    said = told.stderr.decode()
    assert told.returncode == 1
    assert words in said
    assert said.count("\n") == 1
    assert "The deck is at" not in said


def test_a_deck_that_cannot_be_meant_is_told_by_line(tmp_path: Path) -> None:
    deck = tmp_path / "my.toml"
    deck.write_text('[slides.4]\ntitel = "Noise"\n\n[cover]\ntitle = 3\n', encoding="utf-8")
    told = run("--port", "0", "--deck", str(deck))
    assert told.returncode == 2
    assert told.stderr.decode().splitlines() == [
        f"{deck}:2: slides.4.titel: there is no key called 'titel'; did you mean title?",
        f"{deck}:5: cover.title: must be a text",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::"])
def test_the_addresses_that_are_printed_answer(host: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--host", host, "--port", "0"],
        cwd=ROOT,
        env=environment(**TERMINALS["C"]),
        stderr=subprocess.PIPE,
    )
    patience = threading.Timer(SECONDS, process.kill)  # so that a silent server ends the reading
    patience.start()
    try:
        assert process.stderr is not None
        first, second = (process.stderr.readline().decode() for _ in range(2))
        assert first.startswith("The deck is at http://")
        key = re.search(r"/presenter\?key=\S+", second)
        assert key
        for address in re.findall(r"http://\S+", first):
            with urllib.request.urlopen(f"{address}/healthz", timeout=SECONDS) as answer:
                assert answer.status == 200
    finally:
        patience.cancel()
        process.terminate()
        process.wait(timeout=SECONDS)
        if process.stderr is not None:
            process.stderr.close()


READ_ALL = """
import warnings
warnings.filterwarnings("error", category=EncodingWarning, module=r"(app|models)\\b.*")
from fastapi.testclient import TestClient
from app.factory import create_app
from app.settings import Settings
from models.data.faces import Attributes, compose

with TestClient(create_app(Settings(warm_up=False))) as client:
    paths = ["/", "/slides/1", "/slides/5", "/about", "/status", "/gallery/3.png", "/readyz"]
    paths.append("/slides/1/play?demo=reconstruct")
    print([client.get(path).status_code for path in paths], compose("test", 1) is not None)
"""


def test_no_file_is_read_in_the_encoding_of_the_locale() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", READ_ALL],
        cwd=ROOT,
        env=environment(**TERMINALS["C"]),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert told.stdout.split() == [b"[200,", *[b"200,"] * 6, b"200]", b"True"], told.stderr
