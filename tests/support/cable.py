"""A cable between browser and server that a test can pull out."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Cable:
    """Carries TCP connections to ``127.0.0.1:port``; use as a context manager."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._held = b""
        self._released = threading.Event()
        self._torn = (b"", 0)
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

    def hold(self, asked: bytes) -> None:
        """Keep answers back on connections on which this is asked from now on; see `holding`."""
        self._held = asked

    def release(self) -> None:
        """Let go of what is held."""
        self._held = b""
        self._released.set()

    def tear(self, asked: bytes, size: int) -> None:
        """Pull it out after so many bytes of answers where this is asked, once."""
        self._torn = (asked, size)

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
                held, torn = threading.Event(), threading.Event()
                self._open |= {near, far}
                for carry, source, sink in ((self._ask, near, far), (self._answer, far, near)):
                    carried = (source, sink, held, torn)
                    threading.Thread(
                        target=self._carry, args=(carry, *carried), daemon=True
                    ).start()

    def _ask(
        self, near: socket.socket, far: socket.socket, held: threading.Event, torn: threading.Event
    ) -> None:
        while data := near.recv(65536):
            if self._held and self._held in data and not held.is_set():
                held.set()
                self.holding += 1
            if self._torn[0] and self._torn[0] in data:
                torn.set()
            far.sendall(data)

    def _answer(
        self, far: socket.socket, near: socket.socket, held: threading.Event, torn: threading.Event
    ) -> None:
        while data := far.recv(65536):
            if held.is_set():
                self._released.wait()
            near.sendall(data)
            if torn.is_set():
                asked, left = self._torn
                self._torn = (asked, left - len(data))
                if left <= len(data):
                    self._torn = (b"", 0)
                    torn.clear()
                    self.pull()

    def _carry(
        self,
        carry: Callable[..., None],
        source: socket.socket,
        sink: socket.socket,
        *events: threading.Event,
    ) -> None:
        with suppress(OSError):
            carry(source, sink, *events)
        for end in (source, sink):
            _cut(end)
            self._open.discard(end)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
