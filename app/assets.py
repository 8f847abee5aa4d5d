"""Static files: an address that carries the hash of its content may be kept for ever."""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import sha256
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"
LENGTH = 12
"""Digits of a hash in an address."""


@lru_cache
def version(path: str, changed: int) -> str:
    """Hash of a file's content.

    Args:
        changed: nanoseconds since 1970 when it last did, so that a later content is read anew.
    """
    with open(path, "rb") as file:
        return sha256(file.read()).hexdigest()[:LENGTH]


class Assets(StaticFiles):
    """The files of a folder.

    With ``?v=`` and the hash of its present content a file is immutable. Without it, or with
    that of another content, as a page of an older version of the app asks, a browser must ask
    each time whether what it keeps still holds.
    """

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, or that it has not changed, with the cache policy of its address."""
        content = version(os.fspath(full_path), stat_result.st_mtime_ns)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        response = FileResponse(full_path, status_code, stat_result=stat_result)
        response.headers["ETag"] = f'"{content}"'
        response.headers["Cache-Control"] = FOREVER if asked == content else "no-cache"
        unchanged = self.is_not_modified(response.headers, Headers(scope=scope))
        return NotModifiedResponse(response.headers) if unchanged else response
