"""A cable between browser and server that a test can pull out."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Cable:
    """Carries TCP connections to ``127.0.0.1:port``; use as a context manager."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._held = b""
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

    def hold(self, asked: bytes) -> None:
        """Keep answers back on connections on which this is asked from now on; see `holding`."""
        self._held = asked

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
                held = threading.Event()
                for source, sink in ((near, far), (far, near)):
                    self._open.add(source)
                    carried = (source, sink, source is near, held)
                    threading.Thread(target=self._carry, args=carried, daemon=True).start()

    def _carry(
        self, source: socket.socket, sink: socket.socket, asks: bool, held: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if asks and self._held and self._held in data and not held.is_set():
                    held.set()
                    self.holding += 1
                elif not asks and held.is_set():
                    self._released.wait()
                sink.sendall(data)
        for end in (source, sink):
            _cut(end)
            self._open.discard(end)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
