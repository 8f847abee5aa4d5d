"""Listening: addresses that open, and errors that name the setting and the remedy."""

from __future__ import annotations

import errno
import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from app.machine.listening import ListenError, addresses, listen


def open_address(address: str) -> None:
    """Connect as a browser would."""
    parts = urlsplit(address)
    assert parts.hostname
    assert parts.port
    socket.create_connection((parts.hostname, parts.port), timeout=5).close()


@pytest.mark.parametrize(
    ("host", "first"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("localhost", "http://127.0.0.1:"),
        ("0.0.0.0", "http://127.0.0.1:"),  # noqa: S104
        ("::1", "http://[::1]:"),
        ("::", "http://127.0.0.1:"),
    ],
)
def test_addresses_open(host: str, first: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with closing(listen(host, 0)) as listening:
        found = addresses(listening)
        assert found[0].startswith(first)
        assert not found[0].endswith(":0")
        assert len(found) <= 2
        for address in found:
            open_address(address)
        assert len({urlsplit(address).port for address in found}) == 1


def test_a_taken_port_names_setting_and_remedy() -> None:
    with closing(listen("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(ListenError, match=rf"PORT is {port}, .* such as PORT={port + 1}"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["x86_64-conda-linux-gnu", "192.0.2.77", "no host", "a" * 300])
def test_a_host_that_is_no_address_names_setting_and_remedy(host: str) -> None:
    with pytest.raises(ListenError, match=r"HOST is .* Set HOST=127\.0\.0\.1"):
        listen(host, 0)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "PORT is 80, .*above 1023"), (errno.ENOBUFS, "HOST '127.0.0.1' and PORT 80")],
)
def test_whatever_the_system_refuses_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(ListenError, match=words):
        listen("127.0.0.1", 80)


def test_without_a_network_there_is_the_address_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    with closing(listen("0.0.0.0", 0)) as listening:  # noqa: S104
        monkeypatch.setattr(socket.socket, "connect", unreachable)
        assert addresses(listening) == [f"http://127.0.0.1:{listening.getsockname()[1]}"]
