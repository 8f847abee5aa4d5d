"""Pure ASGI middleware: headers for every response, HEAD, other sites' requests, large bodies."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import error_response

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods that change nothing (RFC 9110, 9.2.1)."""
PORTS = {"http": 80, "https": 443}

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Cache-Control": "no-cache",  # where a response says nothing: ask whether it still holds
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class DefaultHeaders:
    """Adds the content security policy and its companions to every response that lacks them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, completed)


class _HeadersSentError(OSError):
    """The headers are sent: what would follow is not wanted."""


class HeadAsGet:
    """Answers HEAD as GET without the body; a stream ends before its second part is made."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif message.get("more_body"):
                raise _HeadersSentError

        with suppress(_HeadersSentError, ClientDisconnect):
            await self.app({**scope, "method": "GET"}, receive, without_body)
        await send({"type": "http.response.body", "body": b""})


class SameOrigin:
    """Refuses what a browser sends from another site's page to change something; scripts send no
    such header.

    Args:
        public_origin: where browsers find the deck, if a proxy hides it.
    """

    def __init__(self, app: ASGIApp, public_origin: str = "") -> None:
        self.app, self.public = app, public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        problem = ""
        if scope["type"] == "http" and scope["method"] not in SAFE:
            problem = self._problem(Headers(scope=scope))
        if problem:
            await error_response(Request(scope), 403, problem)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _problem(self, headers: Headers) -> str:
        """Why the request is refused; empty if it is not."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            good = site in ("same-origin", "none")
            return "" if good else "Requests from other sites' pages are refused."
        origin, host = headers.get("origin"), headers.get("host", "")
        if origin is None:
            return ""
        scheme = origin.partition("://")[0]
        if _place(origin) and _place(origin) in (_place(self.public), _place(f"{scheme}://{host}")):
            return ""
        return (
            f"The browser is at {origin}, but this server takes itself to be at {host}, so the "
            "request seems to come from another site's page. If a proxy is between them, let it "
            f"send X-Forwarded-Host, or start the server with GMFT_PUBLIC_ORIGIN={origin}"
        )


def _place(origin: str) -> tuple[str, int] | None:
    """Host and port of an origin; ``None`` where it names none, such as ``null``."""
    with suppress(ValueError):
        url = urlsplit(origin)
        port = url.port or PORTS.get(url.scheme)
        if url.hostname and port:
            return url.hostname, port
    return None


class BodyLimit:
    """Answers 413 to a request whose body is larger than ``limit`` bytes, declared or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry point."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            if len(body) > self.limit:
                reason = {"detail": f"A request may have at most {self.limit:,} bytes."}
                await JSONResponse(reason, status_code=413)(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)
