"""A real server in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.serving import Server, server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    """The app as scripts start it; models load when first asked for."""
    with server({"GMFT_WARM_UP": "no"}) as started:
        yield started
