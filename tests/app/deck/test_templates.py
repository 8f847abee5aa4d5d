"""Addresses in templates: under a proxy's path, and with the hash of what they name."""

from __future__ import annotations

import hashlib
import re

import pytest
from fastapi.testclient import TestClient

from app.deck.templates import STATIC, templates
from app.factory import create_app
from app.settings import Settings


def rendered(name: str, **values: object) -> str:
    return templates.env.from_string("{{ asset(name) }}").render(name=name, **values)


def test_a_static_file_is_named_with_the_hash_of_its_content() -> None:
    digest = hashlib.sha256((STATIC / "css/layout.css").read_bytes()).hexdigest()
    path, version = rendered("css/layout.css").split("?v=")
    assert path == "/static/css/layout.css"
    assert digest.startswith(version)
    assert len(version) >= 8


def test_it_is_named_under_the_path_of_a_proxy() -> None:
    assert rendered("js/pages/deck.js", root="/deck").startswith("/deck/static/js/pages/deck.js?v=")


def test_a_file_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        rendered("css/none.css")


@pytest.mark.parametrize("path", ["/", "/slides/5", "/presenter", "/status", "/about", "/docs"])
def test_pages_name_nothing_outside_their_path(path: str, page_headers: dict[str, str]) -> None:
    app = create_app(Settings(warm_up=False))
    page = TestClient(app, root_path="/deck").get(path, headers=page_headers)
    assert page.status_code == 200
    places = re.findall(r'(?:href|src|action|hx-get|hx-post)="(/[^"]*)"', page.text)
    assert places
    assert [place for place in places if not place.startswith("/deck/")] == []
    assert 'data-root="/deck"' in page.text
