"""Where the server listens, and at which addresses a browser finds it."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address

REMEDY = "Set HOST=127.0.0.1, or HOST=0.0.0.0 to be reached from other machines."
OUTSIDE = "192.0.2.1"  # of RFC 5737: nobody's, and nothing is sent there


class ListenError(RuntimeError):
    """The server cannot listen there; says which setting to change, and how."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Args:
        host: an address or name of this machine; ``::`` takes IPv4 as well.
        port: 0 for any that is free.

    Raises:
        ListenError: no such address, the port is taken, or it may not be used.
    """
    family, address = _resolve(host, port)
    both = family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(address, family=family, dualstack_ipv6=both)
    except OSError as error:
        raise ListenError(_remedy(host, port, error)) from error


def addresses(listening: socket.socket) -> list[str]:
    """Addresses that a browser opens, ``http://…``: on this machine first, then from others."""
    host, port = listening.getsockname()[:2]
    address = ip_address(host.partition("%")[0])
    if not address.is_unspecified:
        return [_url(host, port)]
    ipv6_only = address.version == 6 and not _takes_ipv4(listening)
    local, family = ("::1", socket.AF_INET6) if ipv6_only else ("127.0.0.1", socket.AF_INET)
    outer = None if ipv6_only else _outer_address(family)
    return [_url(local, port), *([_url(outer, port)] if outer else [])]


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ListenError(
            f"HOST is {host!r}, which is no address of this machine; conda and some shells set it "
            f"to something else. {REMEDY}"
        ) from error
    # A name may have addresses of both kinds; browsers of this machine reach the older one.
    family, _, _, _, address = min(found, key=lambda item: item[0] != socket.AF_INET)
    return family, address  # type: ignore[return-value]  # of IPv6 it has two more parts


def _remedy(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"PORT is {port}, which another program uses, perhaps this one, started before. Take "
            f"another, such as PORT={port + 1 if port < 65535 else 8000}, or PORT=0 for a free one."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST is {host!r}, which is no address of this machine. {REMEDY}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"PORT is {port}, which this user may not use. Take one above 1023, such as PORT=8000."
        )
    return f"HOST {host!r} and PORT {port} cannot be used: {error.strerror or error}."


def _takes_ipv4(listening: socket.socket) -> bool:
    return not listening.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)


def _outer_address(family: socket.AddressFamily) -> str | None:
    """This machine's address on its network, or ``None`` without one."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((OUTSIDE, 9))  # only chooses a route
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if ip_address(address).is_loopback else address


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
