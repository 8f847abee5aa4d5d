"""A real server in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.serving import Server, server


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    """The app as scripts start it; models load when first asked for."""
    with server({"GMFT_WARM_UP": "no"}) as started:
        yield started
