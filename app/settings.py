"""Every setting in one table: name, environment variable, default, help."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from models.runtime.checkpoint import FOLDER


def _setting(default: Any, env: str, text: str) -> Any:
    return field(default=default, metadata={"env": env, "help": text})


@dataclass(frozen=True)
class Settings:
    """How the deck is served; see ``python -m app --help``."""

    host: str = _setting("127.0.0.1", "HOST", "address to listen on")
    port: int = _setting(8000, "PORT", "port to listen on")
    checkpoints: Path = _setting(FOLDER, "GMFT_CHECKPOINTS", "folder of weights and cards")  # noqa: RUF009
    threads: int = _setting(0, "GMFT_THREADS", "torch threads, 0 for all cores")
    batch_rows: int = _setting(
        128, "GMFT_BATCH_ROWS", "most rows of one batched step, fewer where more gain nothing"
    )
    max_active: int = _setting(48, "GMFT_MAX_ACTIVE", "most plays that take turns at once")
    max_rows: int = _setting(
        512, "GMFT_MAX_ROWS", "most images of the plays that take turns, a megabyte each"
    )
    max_waiting: int = _setting(400, "GMFT_MAX_WAITING", "most plays that wait for a turn")
    max_streams: int = _setting(1000, "GMFT_MAX_STREAMS", "most streams that are open at once")
    stream_seconds: int = _setting(600, "GMFT_STREAM_SECONDS", "most seconds that a play may take")
    presenter_key: str = _setting(
        "", "GMFT_PRESENTER_KEY", "key of /presenter?key=…, made anew at every start if empty"
    )
    max_body: int = _setting(2_000_000, "GMFT_MAX_BODY", "most bytes of a request body")
    accelerate: bool = _setting(
        True, "GMFT_ACCELERATE", "run networks by OpenVINO where it is faster"
    )
    warm_up: bool = _setting(True, "GMFT_WARM_UP", "load every model in the background at start")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings that are set.

        Raises:
            ValueError: a value that cannot be read, naming its variable.
        """
        values: dict[str, Any] = {}
        for item in fields(cls):
            name = item.metadata["env"]
            if name in environment:
                values[item.name] = _parse(name, environment[name], type(item.default))
        return cls(**values)

    @classmethod
    def table(cls) -> list[tuple[str, str, str]]:
        """Rows of (environment variable, default, help)."""
        return [(f.metadata["env"], str(f.default), f.metadata["help"]) for f in fields(cls)]


def _parse(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise ValueError(f"{name} must be yes or no, not {text!r}")
        return text.lower() in ("1", "true", "yes")
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{name} must be a whole number, not {text!r}") from None
    return Path(text) if issubclass(kind, Path) else text
