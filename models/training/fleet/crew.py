"""Trainings side by side, each a process that writes a log of its own."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from models.training.fleet.board import Board

LOOK_SECONDS = 1.0
"""From one look at what the trainings say to the next."""
PATIENCE = 30.0
"""Seconds that a process is given to save its state when it is told to end."""
TAIL = 4096
"""Bytes at the end of a log among which its last line is looked for."""


class Trainee:
    """One training in a process of its own.

    Args:
        name: of the model.
        command: that trains it.
        environment: variables set for it on top of this process's own.
        log: where all goes that it says.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name, self.log = name, log
        self.began = time.monotonic()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            self.process = subprocess.Popen(  # noqa: S603 - this project's own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
            )

    def tell(self, board: Board) -> bool:
        """Put on the board how it is getting on, or how it ended; whether it has."""
        code = self.process.poll()
        if code is None:
            board.show(self.name, self.said())
        elif code == 0:
            minutes = (time.monotonic() - self.began) / 60
            board.show(self.name, f"done in {minutes:.1f} min", news=True)
        else:
            board.show(self.name, f"failed ({code}): {self.said()}; see {self.log}", news=True)
        return code is not None

    def said(self) -> str:
        """The last line of its log, or what a progress line shows now."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - TAIL))
            text = log.read().decode("utf-8", "replace")
        lines = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]
        return lines[-1] if lines else "begins"

    def wait(self, seconds: float) -> None:
        """Until it ends, but not longer."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)


def together(crew: Iterable[Trainee], board: Board) -> set[str]:
    """Begin all, wait until all have ended, and tell the board meanwhile; those that failed.

    If this is interrupted, all are ended.
    """
    begun: list[Trainee] = []
    try:
        begun.extend(crew)
        running = begun
        while running:
            running[0].wait(LOOK_SECONDS)
            running = [trainee for trainee in running if not trainee.tell(board)]
    finally:
        _end(begun)
    return {trainee.name for trainee in begun if trainee.process.returncode}


def _end(crew: Sequence[Trainee]) -> None:
    """End those that run still, by force if they do not."""
    for trainee in crew:
        trainee.process.terminate()
    for trainee in crew:
        trainee.wait(PATIENCE)
        trainee.process.kill()
        trainee.process.wait()
