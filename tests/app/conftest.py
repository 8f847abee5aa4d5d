"""A running app over the shipped checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from app.factory import create_app
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """One app for all tests, asked from its own machine; models load when first asked for."""
    app = create_app(Settings(warm_up=False))
    with TestClient(app, client=("127.0.0.1", 50000)) as running:
        yield running


@pytest.fixture
def page_headers() -> dict[str, str]:
    """What a browser accepts."""
    return {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
