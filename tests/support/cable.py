"""A cable between browser and server that a test can pull out."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cable:
    """Carries TCP connections to ``127.0.0.1:port``; use as a context manager."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._held, self._size = b"", 0
        self._released = threading.Event()
        self.holding = 0
        self.plugged = True
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        """Where the browser finds the server."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def pull(self) -> None:
        """Cut what is open and refuse what comes."""
        self.plugged = False
        for end in list(self._open):
            _cut(end)

    def plug(self) -> None:
        """Carry again."""
        self.plugged = True

    def hold(self, asked: bytes, size: int = 0) -> None:
        """Keep answers back where this is asked from now on, but for so many bytes of each."""
        self._held, self._size = asked, size

    def release(self) -> None:
        """Let go of what is held."""
        self._held = b""
        self._released.set()

    def __enter__(self) -> Cable:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self.pull()
        _cut(self._listener)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self.plugged:
                    _cut(near)
                    continue
                far = socket.create_connection(self._to)
                self._open |= {near, far}
                held = threading.Event()
                for carry, source, sink in ((self._ask, near, far), (self._answer, far, near)):
                    threading.Thread(target=carry, args=(source, sink, held), daemon=True).start()

    def _ask(self, near: socket.socket, far: socket.socket, held: threading.Event) -> None:
        with self._carrying(near, far):
            while data := near.recv(65536):
                if self._held and self._held in data and not held.is_set():
                    held.set()
                    self.holding += 1
                far.sendall(data)

    def _answer(self, far: socket.socket, near: socket.socket, held: threading.Event) -> None:
        carried = 0
        with self._carrying(near, far):
            while data := far.recv(65536):
                if held.is_set() and carried >= self._size:
                    self._released.wait()
                near.sendall(data)
                carried += len(data) * held.is_set()

    @contextmanager
    def _carrying(self, *ends: socket.socket) -> Iterator[None]:
        try:
            with suppress(OSError):
                yield
        finally:
            for end in ends:
                _cut(end)
                self._open.discard(end)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
