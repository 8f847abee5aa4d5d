"""What a reverse proxy in front of the server tells of the browser's request.

A proxy that is trusted says by X-Forwarded-For, -Proto, -Host and -Prefix who asked, how, for which
host, and under which path it shows the deck; others' headers are ignored.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = re.compile(r"(/(?!\.+(/|$))[A-Za-z0-9._~@-]+)+")
"""A path such as ``/user/me/proxy/8000``, which stands in pages as it is."""
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix")
"""Any of these shows that a request came through a proxy."""


class Forwarded:
    """Lets the app see a request as the browser sent it.

    The path under which the deck is shown becomes ASGI's ``root_path``, with which ``path`` then
    begins whether or not the proxy has removed it, as ASGI wants it.

    Args:
        trusted: addresses and networks of proxies, with commas between them.
        root_path: the path where no trusted proxy names one, such as ``/deck``.
    """

    def __init__(self, app: ASGIApp, trusted: str, root_path: str) -> None:
        self.app, self.root_path = app, root_path
        self.networks = [ip_network(part.strip(), strict=False) for part in trusted.split(",")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] == "http":
            given = scope.get("root_path", "").rstrip("/")  # by the server's own configuration
            scope = {**scope, "root_path": self.root_path or given}
            headers = Headers(scope=scope)
            if self._trusts(_host(scope)):
                self._read(scope, headers)
            elif any(name in headers for name in FORWARDED):
                scope["client"] = None  # through a proxy that is not trusted: nobody knows who asks
            _place_under(scope)
        await self.app(scope, receive, send)

    def _trusts(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self.networks)

    def _read(self, scope: Scope, headers: Headers) -> None:
        if any(name in headers for name in FORWARDED):
            scope["client"] = self._client(headers.get("x-forwarded-for", ""))
        proto = _first(headers, "x-forwarded-proto")
        if proto in ("http", "https"):
            scope["scheme"] = proto
        host = _first(headers, "x-forwarded-host")
        if host:
            changed = MutableHeaders(raw=list(scope["headers"]))
            changed["host"] = host
            scope["headers"] = changed.raw
        prefix = unquote(_first(headers, "x-forwarded-prefix")).rstrip("/")
        if PREFIX.fullmatch(prefix):
            scope["root_path"] = prefix

    def _client(self, chain: str) -> tuple[str, int] | None:
        """The last address that no trusted proxy has; each appends the one that it sees."""
        hosts = [part.strip() for part in chain.split(",") if part.strip()]
        for host in reversed(hosts):
            if not self._trusts(host):
                return host, 0
        return (hosts[0], 0) if hosts else None


def from_this_machine(scope: Scope) -> bool:
    """Whether a request comes from a loopback address, and through no proxy that hides another."""
    address = _address(_host(scope))
    return address is not None and address.is_loopback


def route_path(scope: Scope) -> str:
    """The path without the one under which the deck is shown."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def _place_under(scope: Scope) -> None:
    root, path = scope["root_path"], scope["path"]
    if root and path != root and not path.startswith(root + "/"):
        scope["path"] = root + path


def _host(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _first(headers: Headers, name: str) -> str:
    """The browser's side of a header to which each proxy may have appended its own."""
    return headers.get(name, "").split(",")[0].strip()


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
