"""Inputs by reference: small ones are spelled out, others are kept here under their hash.

A Play's address carries the reference, so that links, equal Plays and repeating work as they do
for numbers. What is kept is bounded in space and time.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from torch import Tensor

from app.inputs.kinds import KINDS

INLINE = 512
"""Most bytes of an input that is spelled out in its reference: a bitmap of 64×64."""
MARK = "~"
"""Begins a reference that spells its input out, in base64url without padding."""
REFERENCE = r"~[A-Za-z0-9_-]{1,683}|[0-9a-f]{32}"


class InputGoneError(ValueError):
    """A reference to what is not, or no longer, kept; the message is for the user."""


class Inputs:
    """Keeps inputs by the hash of their bytes.

    Args:
        limit: most bytes of all together; the one that was used longest ago goes first.
        seconds: after which an input that nobody used is dropped.
        folder: where they are kept, so that links outlive the server; in memory by default.
        clock: seconds; wall-clock time, since files are kept by it.
    """

    def __init__(
        self,
        limit: int = 64_000_000,
        seconds: float = 86_400.0,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._limit, self._seconds, self._folder, self._clock = limit, seconds, folder, clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = Lock()
        if folder is not None:
            self._read_folder(folder)

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(len(data) for _, data in self._kept.values())

    def put(self, kind: str, sent: bytes) -> str:
        """Check what was sent, keep it if it is not small, and give its reference.

        Raises:
            ValueError: it is not of the kind, or larger than all that may be kept; a sentence.
        """
        data = KINDS[kind].read(sent)
        if len(data) <= INLINE:
            return MARK + base64.urlsafe_b64encode(data).decode().rstrip("=")
        if len(data) > self._limit:
            raise ValueError("This is more than the server may keep.")
        name = hashlib.sha256(f"{kind}\0".encode() + data).hexdigest()[:32]
        with self._lock:
            self._kept.pop(name, None)
            self._kept[name] = (self._clock(), data)
            self._write(name, data)
            self._prune()
        return name

    def bytes_of(self, kind: str, reference: str) -> bytes:
        """What a reference names.

        Raises:
            InputGoneError: it is not a reference, or not kept any more.
        """
        if not re.fullmatch(REFERENCE, reference):
            raise InputGoneError(f"This does not name a {kind}.")
        if reference.startswith(MARK):
            return self._spelled(kind, reference[1:])
        with self._lock:
            self._prune()
            known = self._kept.pop(reference, None)
            if known is None:
                raise InputGoneError(f"This {kind} is no longer kept here. Please choose it again.")
            self._kept[reference] = (self._clock(), known[1])
        return known[1]

    def tensor(self, kind: str, reference: str) -> Tensor:
        """What a reference names, as a tensor of one row; see :mod:`app.inputs.kinds`.

        Raises:
            InputGoneError: see :meth:`bytes_of`.
        """
        return KINDS[kind].tensor(self.bytes_of(kind, reference))

    def _spelled(self, kind: str, text: str) -> bytes:
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return KINDS[kind].read(data)
        except ValueError as error:
            raise InputGoneError(f"This does not spell out a {kind}.") from error

    def _prune(self) -> None:
        oldest = self._clock() - self._seconds
        while self._kept:
            name, (used, _) = next(iter(self._kept.items()))
            if used >= oldest and self.size <= self._limit:
                return
            del self._kept[name]
            if self._folder is not None:
                (self._folder / name).unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        if self._folder is not None:
            part = self._folder / f"{name}.part"
            part.write_bytes(data)
            part.replace(self._folder / name)

    def _read_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        names = (path for path in folder.iterdir() if re.fullmatch(r"[0-9a-f]{32}", path.name))
        files = sorted((path.stat().st_mtime, path) for path in names)
        self._kept.update({path.name: (used, path.read_bytes()) for used, path in files})
        self._prune()
