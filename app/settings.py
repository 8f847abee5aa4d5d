"""Every setting in one table: environment variable, default, what it may be, help."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from app.proxy import PREFIX as ROOT_PATH
from models.runtime.checkpoint import FOLDER

PREFIX = "GMFT_"
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")

Reader = Callable[[str], Any]
"""From a variable's text to its value; raises ValueError with what it must be instead."""


def _number(low: int, high: int) -> Reader:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return read


def _matching(pattern: str, words: str) -> Reader:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return read


def _one_of(*names: str) -> Reader:
    def read(text: str) -> str:
        if text.lower() not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return text.lower()

    return read


def _yes_or_no(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError("yes or no")
    return text.lower() in YES


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ValueError("a folder that exists")
    return path


def _file(text: str) -> str:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError("a file that exists")
    return str(path)


def _networks(text: str) -> str:
    for part in text.split(","):
        try:
            ip_network(part.strip(), strict=False)
        except ValueError:
            raise ValueError("addresses or networks such as 127.0.0.1,10.0.0.0/8") from None
    return text


def _setting(default: Any, env: str, read: Reader, text: str) -> Any:
    return field(default=default, metadata={"env": env, "read": read, "help": text})


@dataclass(frozen=True)
class Settings:
    """How the deck is served; see ``python -m app --help``."""

    host: str = _setting("127.0.0.1", "HOST", str, "address to listen on")
    port: int = _setting(8000, "PORT", _number(0, 65535), "port to listen on, 0 for a free one")
    checkpoints: Path = _setting(  # noqa: RUF009
        FOLDER, "GMFT_CHECKPOINTS", _folder, "folder of weights and cards"
    )
    deck: str = _setting("", "GMFT_DECK", _file, "file of a deck of one's own, see docs/deck.md")
    device: str = _setting(
        "auto",
        "GMFT_DEVICE",
        _one_of("auto", "cpu", "cuda", "mps"),
        "where models compute; auto takes an accelerator that is measured to be faster and right",
    )
    threads: int = _setting(
        0, "GMFT_THREADS", _number(0, 1024), "torch threads, 0 for all cores of the process"
    )
    batch_rows: int = _setting(
        128,
        "GMFT_BATCH_ROWS",
        _number(1, 65_536),
        "most rows of one batched step, fewer where more gain nothing",
    )
    max_active: int = _setting(
        48, "GMFT_MAX_ACTIVE", _number(1, 10_000), "most plays that take turns at once"
    )
    max_rows: int = _setting(
        512,
        "GMFT_MAX_ROWS",
        _number(1, 100_000),
        "most images of the plays that take turns, a megabyte each",
    )
    max_waiting: int = _setting(
        400, "GMFT_MAX_WAITING", _number(1, 100_000), "most plays that wait for a turn"
    )
    max_streams: int = _setting(
        1000, "GMFT_MAX_STREAMS", _number(1, 100_000), "most streams that are open at once"
    )
    stream_seconds: int = _setting(
        600, "GMFT_STREAM_SECONDS", _number(1, 86_400), "most seconds that a play may take"
    )
    presenter_key: str = _setting(
        "",
        "GMFT_PRESENTER_KEY",
        _matching(r"[A-Za-z0-9._~-]+", "made of letters, digits and . _ ~ - alone"),
        "key of /presenter?key=..., made anew at every start if empty",
    )
    max_body: int = _setting(
        2_000_000, "GMFT_MAX_BODY", _number(1000, 10**9), "most bytes of a request body"
    )
    input_folder: str = _setting(
        "",
        "GMFT_INPUT_FOLDER",
        lambda text: str(_folder(text)),
        "folder that keeps pictures and drawings that were sent, in memory if it is not set",
    )
    input_bytes: int = _setting(
        64_000_000, "GMFT_INPUT_BYTES", _number(100_000, 10**11), "most bytes of them"
    )
    input_seconds: int = _setting(
        86_400,
        "GMFT_INPUT_SECONDS",
        _number(60, 10**8),
        "seconds after which one that nobody used is dropped",
    )
    root_path: str = _setting(
        "",
        "GMFT_ROOT_PATH",
        _matching(ROOT_PATH.pattern, "a path such as /deck, without a slash at its end"),
        "path under which a reverse proxy shows the deck, such as /deck",
    )
    public_origin: str = _setting(
        "",
        "GMFT_PUBLIC_ORIGIN",
        _matching(r"https?://[^/\s?#@]+", "an origin such as https://deck.example.org"),
        "where browsers find the deck, such as https://deck.example.org, if a proxy hides it",
    )
    trusted_proxies: str = _setting(
        "127.0.0.1,::1",
        "GMFT_TRUSTED_PROXIES",
        _networks,
        "addresses or networks of proxies whose X-Forwarded headers are believed",
    )
    open_metrics: bool = _setting(
        False, "GMFT_OPEN_METRICS", _yes_or_no, "show /metrics to everybody"
    )
    accelerate: bool = _setting(
        True, "GMFT_ACCELERATE", _yes_or_no, "run networks by OpenVINO where it is faster"
    )
    warm_up: bool = _setting(
        True, "GMFT_WARM_UP", _yes_or_no, "load every model in the background at start"
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings that are set; an empty variable is not.

        Raises:
            ValueError: a value that cannot be meant, or a variable that is no setting; by name.
        """
        known = {item.metadata["env"]: item for item in fields(cls)}
        for name in environment:
            if name.startswith(PREFIX) and name not in known:
                raise ValueError(_unknown(name, list(known)))
        values = {}
        for name, item in known.items():
            text = environment.get(name, "").strip()
            if text:
                values[item.name] = _read(name, text, item.metadata["read"])
        return cls(**values)

    @classmethod
    def table(cls) -> list[tuple[str, str, str]]:
        """Rows of (environment variable, default, help)."""
        return [(f.metadata["env"], _shown(f.default), f.metadata["help"]) for f in fields(cls)]


def _shown(default: Any) -> str:
    return ("yes" if default else "no") if isinstance(default, bool) else str(default)


def _read(name: str, text: str, read: Reader) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{name} must be {error}, not {text[:60]!r}") from None


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"{name} is no setting; " + (
        f"did you mean {close[0]}?" if close else "`python -m app --help` lists them"
    )
